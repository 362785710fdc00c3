"""What waits for a look, and the switches that have it wait: pages and forms without a script."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import permissions
from members.community.facts import the_community
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed, Refused
from members.requests import MemberRequest, asked_on, whole_number
from moderation import holding
from moderation.holding import Chosen, Why, declined_lately, waiting_posts
from moderation.models import Ground
from rooms.access import member_for
from rooms.actions.rooms import standing_in_group
from rooms.models import Room

SHOWN = 50
MOST_PEOPLE = 20
STRETCHES = {10: "10 minutes", 60: "hour", 1440: "day"}


def typed_why(request: MemberRequest) -> Why:
    return Why(*(request.POST.get(field, "") for field in ("ground", "reason", "words")))


def typed_number(request: MemberRequest, field: str) -> int:
    """Raises BadRequest."""
    number = whole_number(request.POST.get(field, ""))
    if number is None:
        raise BadRequest(field=field)
    return number


def chosen_by(asked: dict[str, str]) -> Chosen:
    return Chosen(whole_number(asked.get("member", "")), whole_number(asked.get("minutes", "")))


@require_GET
@login_required
def waiting(request: MemberRequest) -> HttpResponse:
    """What waits, the longest first; narrowed to one member or the last minutes it can be declined at once."""
    return waiting_page(request, chosen_by(request.GET.dict()))


def waiting_page(request: MemberRequest, chosen: Chosen, refused: Refused | None = None) -> HttpResponse:
    allow(permissions.may_moderate(request.user, timezone.now()))
    posts = waiting_posts(request.user, chosen)
    everybodys = waiting_posts(request.user, Chosen(minutes=chosen.minutes)).order_by()
    people = (
        everybodys.values("author", "author__display_name").annotate(count=Count("pk")).order_by("-count", "author")
    )
    context = {
        "chosen": chosen,
        "count": posts.count(),
        "posts": posts.select_related("author", "room__group", "reply_to__author").prefetch_related("files")[:SHOWN],
        "declined": declined_lately(request.user),
        "people": people[:MOST_PEOPLE],
        "stretches": STRETCHES,
        "holds_all": the_community().holds_posts,
        "grounds": Ground.choices,
        "typed": typed_why(request),
        "refused": refused,
    }
    return render(request, "moderation/waiting.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def let_through(request: MemberRequest, held_id: int) -> HttpResponse:
    try:
        holding.let_through(request.user, held_id)
    except NotAllowed as refused:
        return waiting_page(request, chosen_by(request.POST.dict()), refused)
    return redirect("waiting")


@require_POST
@login_required
def decline(request: MemberRequest, held_id: int) -> HttpResponse:
    try:
        holding.decline(request.user, held_id, typed_why(request))
    except BadRequest as refused:
        return waiting_page(request, Chosen(), refused)
    return redirect("waiting")


@require_POST
@login_required
def decline_all(request: MemberRequest) -> HttpResponse:
    chosen = chosen_by(request.POST.dict())
    try:
        holding.decline_all(request.user, chosen, typed_why(request))
    except BadRequest as refused:
        return waiting_page(request, chosen, refused)
    return redirect("waiting")


@require_POST
@login_required
def hold_community(request: MemberRequest) -> HttpResponse:
    try:
        holding.hold_community(request.user, typed_why(request), on=asked_on(request))
    except BadRequest as refused:
        return waiting_page(request, Chosen(), refused)
    return redirect("waiting")


@require_http_methods(["GET", "POST"])
@login_required
def hold_member(request: MemberRequest, member_id: int) -> HttpResponse:
    """The form that has somebody's posts wait, and what it does."""
    member = member_for(request.user, member_id)
    refused = None
    if request.method == "POST":
        try:
            holding.hold_member(request.user, member_id, typed_number(request, "days"), typed_why(request))
            return redirect("member", member_id)
        except BadRequest as error:
            refused = error
    allow(permissions.may_hold(request.user, member, timezone.now()))
    context = {"member": member, "is_held": is_held(member), "longest": holding.LONGEST_HOLD_DAYS}
    return form_page(request, "moderation/hold_member.html", context, refused)


def is_held(member: Member) -> bool:
    return member.held_until is not None and member.held_until > timezone.now()


@require_http_methods(["GET", "POST"])
@login_required
def pace(request: MemberRequest, room_id: int) -> HttpResponse:
    """The form that slows a room, and what it does; for moderators also the one that has its posts wait."""
    refused = None
    if request.method == "POST":
        try:
            holding.slow_room(request.user, room_id, typed_number(request, "seconds"), typed_why(request))
            return redirect("room", room_id)
        except BadRequest as error:
            refused = error
    return pace_page(request, room_id, refused)


def pace_page(request: MemberRequest, room_id: int, refused: Refused | None) -> HttpResponse:
    standing = standing_in_group(request.user, room_id)
    now = timezone.now()
    allow(permissions.may_slow(standing.member, standing.membership, now))
    context = {
        "room": standing.room,
        "group": standing.group,
        "choices": Room.SLOW_WORDS,
        "can_hold": not permissions.may_moderate(standing.member, now),
    }
    return form_page(request, "moderation/room_pace.html", context, refused)


@require_POST
@login_required
def hold_room(request: MemberRequest, room_id: int) -> HttpResponse:
    try:
        holding.hold_room(request.user, room_id, typed_why(request), on=asked_on(request))
    except BadRequest as refused:
        return pace_page(request, room_id, refused)
    return redirect("room", room_id)


def form_page(
    request: MemberRequest, template: str, context: dict[str, object], refused: Refused | None
) -> HttpResponse:
    context |= {"grounds": Ground.choices, "typed": typed_why(request), "refused": refused}
    return render(request, template, context, status=refused.status if refused else 200)
