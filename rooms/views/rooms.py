"""Pages about one room: the conversation, and what is said about the room beside it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from frontend import text as member_text
from members import permissions
from members.models import Member
from members.refusals import BadRequest
from members.requests import MemberRequest, answered_in, asked_on, searched, wants_fragment, whole_number
from rooms.access import Standing, membership_in, standing_in
from rooms.actions.messages import EVERYONE
from rooms.actions.reading import read_room
from rooms.actions.retention import CHOICES
from rooms.actions.rooms import archive_room, change_room, lock_room, open_room, standing_in_group
from rooms.actions.waiting import hold_there
from rooms.commands import ReadRoom
from rooms.direct import title_of
from rooms.files.kinds import ENDINGS
from rooms.mail_address import reply_address
from rooms.models import HeldPost, Membership, Message, Reaction, ReactionShown
from rooms.window import Window, window_after, window_around, window_at_first_unread, window_before

MOST_NAMES = 8
MOST_MEMBERS = 300
MOST_PINNED = 100


@require_GET
@login_required
def room(request: MemberRequest, room_id: int) -> HttpResponse:
    """The conversation: at the first unread message, or around, before or after a place."""
    standing = standing_in(request.user, room_id)
    context = conversation(standing, asked_window(request, standing))
    if wants_fragment(request, "messages"):
        context["held_posts"] = []  # They are on the page already.
        return render(request, "rooms/_messages.html", context)
    return render(request, "rooms/room.html", context)


def asked_window(request: MemberRequest, standing: Standing) -> Window:
    """The stretch of messages that the address asks for."""
    windows = {"before": window_before, "after": window_after, "around": window_around}
    for name, window in windows.items():
        place = whole_number(request.GET.get(name, ""))
        if place is not None:
            return window(standing, place)
    return window_at_first_unread(standing, standing.read)


def conversation(standing: Standing, window: Window) -> dict[str, object]:
    """What the room's page shows, whoever asks for which part of it."""
    first_unread = next(
        (
            message.created_version
            for message in window.messages
            if message.created_version > standing.read and message.author_id != standing.member.pk
        ),
        None,
    )
    reason = permissions.may_post(standing.member, standing.membership, standing.room, timezone.now())
    return {
        **around(standing),
        "membership": standing.membership,
        "floor": standing.floor,
        "days": window.days,
        "has_older": window.has_older,
        "has_newer": window.has_newer,
        "first_message": window.messages[0] if window.messages else None,
        "last_message": window.messages[-1] if window.messages else None,
        "reading_version": standing.read,
        "first_unread": first_unread,
        "held_posts": held_posts_in(standing),
        "note": standing.room.note,
        "waits_words": "" if reason else waits_words(standing),
        "can_post": not reason,
        "cannot_post_words": reason,
        "heartbeat": settings.HEARTBEAT_SECONDS,
        "most_files": settings.FILES_A_MESSAGE,
        "most_megabytes": settings.MAX_FILE_MB,
        "accepted": ",".join(f".{ending}" for ending in ENDINGS),
        "blank_message": blank_message(standing),
        "reactions": [ReactionShown(kind, []) for kind in Reaction.Kind],
    }


def held_posts_in(standing: Standing) -> list[HeldPost]:
    """What this member posted here and nobody else sees: it waits for a look, or was declined."""
    if not standing.has_held:
        return []
    shown = HeldPost.objects.filter(author=standing.member, room=standing.room, state__in=HeldPost.SHOWN)
    return list(shown.select_related("reply_to__author").prefetch_related("files").order_by("held_at", "pk"))


def waits_words(standing: Standing) -> str:
    """What the composer says where posts wait for a look."""
    hold = hold_there(standing, timezone.now())
    return hold.words if hold else ""


def blank_message(standing: Standing) -> Message:
    """A message of the member's that is not there yet: the browser draws from it what waits to be sent."""
    message = Message(
        pk=0,
        room=standing.room,
        author=standing.member,
        version=0,
        created_version=0,
        profession=standing.member.profession_name,
        organisation_name=standing.member.organisation_name,
        html_version=member_text.VERSION,
    )
    return message.spare_lookups()


def around(standing: Standing) -> dict[str, object]:
    """What every page about a room names."""
    return {"room": standing.room, "group": standing.group, "title": title_of(standing)}


@require_POST
@login_required
def read(request: MemberRequest, room_id: int) -> HttpResponse:
    """Mark all as read, without JavaScript."""
    read_room(request.user, ReadRoom(room_id, standing_in(request.user, room_id).room.version))
    return redirect("room", room_id)


def panel(request: MemberRequest, name: str, context: Mapping[str, object]) -> HttpResponse:
    """A page of its own, or its inner part for the panel beside the conversation."""
    template = f"rooms/_panel_{name}.html" if wants_fragment(request, "panel") else f"rooms/{name}.html"
    return render(request, template, context)


@require_GET
@login_required
def members(request: MemberRequest, room_id: int) -> HttpResponse:
    standing = standing_in(request.user, room_id)
    found = memberships_in(standing).order_by("-role", "member__display_name")
    context = {
        **around(standing),
        "members_shown": found[:MOST_MEMBERS],
        "members_count": found.count(),
    }
    return panel(request, "members", context)


def memberships_in(standing: Standing) -> QuerySet[Membership]:
    return Membership.objects.filter(group=standing.group, member__is_active=True).with_badges()


@require_GET
@login_required
def about(request: MemberRequest, room_id: int) -> HttpResponse:
    standing = standing_in(request.user, room_id)
    now = timezone.now()
    context = {
        **around(standing),
        "membership": standing.membership,
        "opened_by": standing.room.opened_by,
        "mail_address": mail_address(standing),
        "messages_count": Message.objects.filter(room=standing.room).above(standing.floor).standing().count(),
        "can_change": not standing.group.is_direct
        and not permissions.may_change_room(standing.member, standing.membership, standing.room, now),
        "can_close": not standing.group.is_direct
        and not permissions.may_close_room(standing.member, standing.membership, now),
        "can_set_retention": not standing.group.is_direct
        and not permissions.may_set_retention(standing.member, standing.membership, now),
        "can_slow": not standing.group.is_direct
        and not permissions.may_slow(standing.member, standing.membership, now),
        "kept_for": CHOICES.get(standing.room.keep_months or 0, ""),
        "can_leave": standing.group.is_direct and memberships_in(standing).count() > 2,
    }
    return panel(request, "about", context)


def mail_address(standing: Standing) -> str:
    """Where this member writes to begin something in the room by mail; empty where they cannot."""
    reason = permissions.may_post(standing.member, standing.membership, standing.room, timezone.now())
    reason = reason or permissions.may_begin_by_mail(standing.room)
    return "" if reason else reply_address(standing.member.pk, standing.room.pk)


@require_GET
@login_required
def pinned(request: MemberRequest, room_id: int) -> HttpResponse:
    standing = standing_in(request.user, room_id)
    readable = Message.objects.filter(room=standing.room).above(standing.floor).standing()
    messages = readable.filter(pinned_at__isnull=False).order_by("-pinned_at")
    context = {
        **around(standing),
        "messages": messages.with_all_that_is_drawn()[:MOST_PINNED],
    }
    return panel(request, "pinned", context)


@dataclass(frozen=True, slots=True)
class RoomForm:
    """What the form of a room shows: what the room has, or what was typed."""

    name: str = ""
    about: str = ""
    is_sensitive: bool = False
    refuses_mail: bool = False

    @classmethod
    def typed_in(cls, request: MemberRequest) -> Self:
        name, about = request.POST.get("name", ""), request.POST.get("about", "")
        return cls(name, about, "is_sensitive" in request.POST, "refuses_mail" in request.POST)


@require_http_methods(["GET", "POST"])
@login_required
def new_room(request: MemberRequest, group_id: int) -> HttpResponse:
    """The form that opens a room, and what it does. What was typed comes back with a refusal."""
    membership = membership_in(request.user, group_id)
    context: dict[str, object] = {"group": membership.group}
    if request.method == "POST":
        typed = RoomForm.typed_in(request)
        try:
            room = open_room(request.user, group_id, **asdict(typed), answered=answered_in(request))
        except BadRequest as refused:
            context |= asdict(typed) | {"refused": refused}
            return render(request, "rooms/open_room.html", context, status=refused.status)
        return redirect("room", room.pk)
    return render(request, "rooms/open_room.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def change(request: MemberRequest, room_id: int) -> HttpResponse:
    """The form that renames a room, and what it does."""
    standing = standing_in_group(request.user, room_id)
    room = standing.room
    shown = RoomForm(room.name, room.about, room.is_sensitive, room.refuses_mail)
    context: dict[str, object] = {"room": room, "group": standing.group}
    if request.method == "POST":
        shown = RoomForm.typed_in(request)
        try:
            change_room(request.user, room_id, **asdict(shown), answered=answered_in(request))
        except BadRequest as refused:
            context |= asdict(shown) | {"refused": refused}
            return render(request, "rooms/change_room.html", context, status=refused.status)
        return redirect("room", room_id)
    permissions.allow(permissions.may_change_room(standing.member, standing.membership, standing.room, timezone.now()))
    return render(request, "rooms/change_room.html", context | asdict(shown))


@require_POST
@login_required
def lock(request: MemberRequest, room_id: int) -> HttpResponse:
    lock_room(request.user, room_id, on=asked_on(request))
    return redirect("room", room_id)


@require_POST
@login_required
def archive(request: MemberRequest, room_id: int) -> HttpResponse:
    archive_room(request.user, room_id, on=asked_on(request))
    return redirect("room", room_id)


@require_GET
@login_required
def names(request: MemberRequest, room_id: int) -> JsonResponse:
    """Whom a mention may name here: members of the group whose name or handle begins so, and the room itself."""
    standing = standing_in(request.user, room_id)
    begun = searched(request, "q").lower()
    matches = Q(member__handle__startswith=begun) | Q(member__display_name__istartswith=begun)
    matches |= Q(member__display_name__icontains=f" {begun}") | Q(member__handle__contains=f".{begun}")
    found = (
        memberships_in(standing)
        .filter(matches, member__restricted_at=None)
        .order_by("member__display_name")[:MOST_NAMES]
    )
    listed = [named(membership.member) for membership in found]
    if EVERYONE.startswith(begun):
        everyone = {
            "handle": EVERYONE,
            "name": "Everyone in this room",
            "badge": "" if standing.group.is_direct else standing.group.name,
        }
        listed = [everyone, *listed][:MOST_NAMES]
    return JsonResponse({"names": listed})


def named(member: Member) -> dict[str, str]:
    return {"handle": member.handle, "name": member.display_name, "badge": member.badge}
