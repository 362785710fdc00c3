"""Forms and pages about one message: the doors that work without JavaScript, each to the same action as the socket's."""

from typing import IO, cast
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from frontend.text import clean
from members import permissions
from members.refusals import AboutWords, BadRequest, NotAllowed, Refused, TooFast, TooLarge, TryAgain
from members.requests import MemberRequest, answered_in, asked_on, wants_fragment, whole_number
from rooms import commands
from rooms.access import message_for, standing_in
from rooms.actions.files import upload_file
from rooms.actions.messages import edit_message, pin_message, post_message, remove_message, set_reaction
from rooms.actions.waiting import take_back_held
from rooms.direct import title_for
from rooms.models import File, Message
from rooms.views.rooms import conversation
from rooms.window import window_at_first_unread

TYPED_IS_KEPT = (AboutWords, BadRequest, NotAllowed, TooFast, TooLarge, TryAgain)
"""Refusals after which the room is shown again with what was typed in the composer."""


def place_of(message: Message) -> str:
    """The address that shows a message in its room, at its place."""
    return f"{reverse('room', args=[message.room_id])}?around={message.created_version}#message-{message.pk}"


@require_POST
@login_required
def post(request: MemberRequest, room_id: int) -> HttpResponse:
    """Post by form. A refusal shows the room again, with the words still in the composer, and the files that came."""
    files = [int(number) for number in request.POST.getlist("file") if whole_number(number) is not None]
    try:
        for sent in request.FILES.getlist("files"):
            content, answered = cast("IO[bytes]", sent), answered_in(request)
            upload = commands.UploadFile(room_id, sent.name or "", content, sent.size or 0, answered)
            files.append(upload_file(request.user, upload).pk)
        message = post_message(request.user, commands.post_message(posted_form(request, room_id, files)))
    except TYPED_IS_KEPT as refused:
        return room_again(request, room_id, refused, files)
    place = f"message-{message.pk}" if isinstance(message, Message) else f"held-{message.pk}"
    return redirect(f"{reverse('room', args=[room_id])}#{place}")


def posted_form(request: MemberRequest, room_id: int, files: list[int]) -> commands.Frame:
    """The form as the frame that a socket would have sent. What is no number is left for the command to refuse."""
    typed = request.POST.get("reply_to", "")
    reply_to = whole_number(typed)
    return {
        "client_id": request.POST.get("client_id") or str(uuid4()),
        "room": room_id,
        "text": words_in(request),
        "reply_to": (typed or None) if reply_to is None else reply_to,
        "files": [{"id": number} for number in files],
        "answered": request.POST.getlist("answered"),
    }


def words_in(request: MemberRequest) -> str:
    """The words of a form: those that were offered, if it was sent with their button, else those typed."""
    return request.POST.get("offered") or request.POST.get("text", "")


def again(request: MemberRequest, refused: Refused) -> dict[str, object]:
    """What a form needs to be shown again: what was typed, what is in the way, and what could stand there instead."""
    typed = words_in(request)
    offered = refused.offered(clean(typed)) if isinstance(refused, AboutWords) else ""
    return {"refused": refused, "typed": typed, "offered": offered, "answered": request.POST.getlist("answered")}


@require_POST
@login_required
def take_back(request: MemberRequest, held_id: int) -> HttpResponse:
    """Take back what waits for a look. A script has the words; without one they come back into the composer."""
    held = take_back_held(request.user, held_id)
    if wants_fragment(request, "held"):
        return HttpResponse(status=204)
    standing = standing_in(request.user, held.room_id)
    context = conversation(standing, window_at_first_unread(standing, standing.read))
    return render(request, "rooms/room.html", context | {"typed": held.text, "reply_to": held.reply_to_id or ""})


def room_again(request: MemberRequest, room_id: int, refused: Refused, files: list[int]) -> HttpResponse:
    standing = standing_in(request.user, room_id)
    context = conversation(standing, window_at_first_unread(standing, standing.read))
    context |= {**again(request, refused), "reply_to": request.POST.get("reply_to", "")}
    context["brought"] = File.objects.filter(pk__in=files).unposted_by(request.user)
    return render(request, "rooms/room.html", context, status=refused.status)


@require_GET
@login_required
def message(request: MemberRequest, message_id: int) -> HttpResponse:
    """A link to a message leads to its place in its room; a link to where one stood before, to where it stands now."""
    found = message_for(request.user, message_id)
    if found.moved_to_id:
        return redirect("message", found.moved_to_id)
    return redirect(place_of(found))


def about(request: MemberRequest, found: Message) -> dict[str, object]:
    """What every page about a message names."""
    title = title_for(request.user, found.room, is_direct=found.room.group.is_direct)
    return {"message": found, "room": found.room, "group": found.room.group, "title": title}


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: MemberRequest, message_id: int) -> HttpResponse:
    """The form that changes one's own words, and what it does."""
    found = message_for(request.user, message_id)
    if request.method == "POST":
        answered = request.POST.getlist("answered")
        frame = {"message": message_id, "text": words_in(request), "answered": answered}
        try:
            edit_message(request.user, commands.edit_message(frame))
        except TYPED_IS_KEPT as refused:
            context = {**about(request, found), **again(request, refused)}
            return render(request, "rooms/edit_message.html", context, status=refused.status)
        return redirect(place_of(found))
    standing = standing_in(request.user, found.room_id)
    permissions.allow(permissions.may_edit(standing.member, standing.membership, standing.room, found, timezone.now()))
    context = {**about(request, found), "typed": found.text}
    return render(request, "rooms/edit_message.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def remove(request: MemberRequest, message_id: int) -> HttpResponse:
    """The question whether to remove one's own words, and what follows a yes."""
    found = message_for(request.user, message_id)
    if request.method == "POST":
        remove_message(request.user, commands.RemoveMessage(message_id))
        return redirect(place_of(found))
    permissions.allow(permissions.may_remove(request.user, found))
    return render(request, "rooms/remove_message.html", about(request, found))


@require_GET
@login_required
def history(request: MemberRequest, message_id: int) -> HttpResponse:
    """What an edited message said before, newest first. A removed one has no history left."""
    found = message_for(request.user, message_id)
    context = {
        **about(request, found),
        "revisions": [] if found.is_removed else found.revisions.order_by("-pk"),
    }
    template = "rooms/_history.html" if wants_fragment(request, "panel") else "rooms/history.html"
    return render(request, template, context)


@require_POST
@login_required
def pin(request: MemberRequest, message_id: int) -> HttpResponse:
    return redirect(place_of(pin_message(request.user, commands.PinMessage(message_id, asked_on(request)))))


@require_POST
@login_required
def react(request: MemberRequest, message_id: int) -> HttpResponse:
    wish = {"message": message_id, "reaction": request.POST.get("reaction"), "on": asked_on(request)}
    return redirect(place_of(set_reaction(request.user, commands.set_reaction(wish))))
