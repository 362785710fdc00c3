"""Pages about working groups: home, those I may join, one group with its rooms."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import permissions
from members.models import Member
from members.refusals import BadRequest
from members.requests import MemberRequest, address_of, answered_in, asked_on, searched, whole_number
from rooms.access import group_for, groups_known_to, members_known_to, membership_in, working_memberships_of
from rooms.actions.groups import (
    Charter,
    change_group,
    charter_of,
    close_group,
    join_group,
    leave_group,
    start_group,
)
from rooms.models import JoinRequest, Membership, Room, WorkingGroup
from rooms.sidebar import ListedGroup, ListedRoom, rooms_of_group, sidebar_for
from rooms.terms import CHOICES, is_near_its_end, is_over

ROOMS_A_PAGE = 50


@require_GET
@login_required
def home(request: MemberRequest) -> HttpResponse:
    """My groups and rooms, most recent first, and what is new in them."""
    listed = sidebar_for(request.user)
    unread = [room for group in listed for room in group.rooms if room.unread]
    unread.sort(key=lambda room: (not room.mentions, -room.last_message_at.timestamp()))
    context = {
        "sidebar": listed,
        "new_rooms": unread,
        "latest": latest_of(listed),
        "asks_affiliation": request.user.is_affiliation_due(timezone.now()),
    }
    return render(request, "rooms/home.html", context)


def latest_of(listed: list[ListedGroup]) -> ListedRoom | None:
    """The room of a group in which somebody wrote last."""
    return next((group.rooms[0] for group in listed if group.rooms and not group.is_direct), None)


@require_GET
@login_required
def sidebar(request: MemberRequest) -> HttpResponse:
    """The list of rooms and how much else is new, for a page that was away for a while."""
    return render(request, "rooms/_sidebar_anew.html")


@require_GET
@login_required
def groups(request: MemberRequest) -> HttpResponse:
    """My groups, and those I may join or ask to join. A closed group is there for those who belong to it."""
    mine = set(working_memberships_of(request.user).values_list("group_id", flat=True))
    known = list(groups_known_to(request.user).annotate(members_count=Count("memberships")).order_by("name"))
    in_use = [group for group in known if not group.closed_at]
    context = {
        "groups_mine": [group for group in in_use if group.pk in mine],
        "groups_open": [group for group in in_use if group.pk not in mine],
        "groups_closed": [group for group in known if group.closed_at and group.pk in mine],
        "may_start": not permissions.may_start_group(request.user, timezone.now()),
    }
    return render(request, "rooms/groups.html", context)


class RoomsOfGroup(Sequence[ListedRoom]):
    """A group's rooms as a paginator wants them: counted, and read a page at a time. A group may have thousands."""

    def __init__(self, member: Member, group: WorkingGroup, find: str, *, archived: bool) -> None:
        self.member, self.group, self.find, self.archived = member, group, find, archived

    def __len__(self) -> int:
        rooms = Room.objects.filter(group=self.group, archived_at__isnull=not self.archived)
        return (rooms.filter(name__icontains=self.find) if self.find else rooms).count()

    def __getitem__(self, part: slice) -> list[ListedRoom]:  # type: ignore[override]  # a paginator only slices
        return rooms_of_group(
            self.member,
            self.group,
            find=self.find,
            archived=self.archived,
            limit=part.stop - part.start,
            offset=part.start,
        )


@require_GET
@login_required
def group(request: MemberRequest, group_id: int) -> HttpResponse:
    """A group's purpose, leaders and rooms. Who does not belong sees what it is for, not what is in it."""
    found = group_for(request.user, group_id)
    membership = working_memberships_of(request.user).filter(group=found).select_related("member", "group").first()
    find, archived = searched(request), request.GET.get("archived") == "1"
    context: dict[str, object] = {
        "group": found,
        "membership": membership,
        "members_count": Membership.objects.filter(group=found, member__is_active=True).count(),
        "leaders": leaders_of(found, request.user),
        "term": CHOICES.get(found.term_months, f"{found.term_months} months"),
        "find": find,
        "asked": address_of({"find": find, "archived": int(archived)}),
        "archived": archived,
    }
    if membership:
        rooms = RoomsOfGroup(request.user, found, find, archived=archived)
        context["page"] = Paginator(rooms, ROOMS_A_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
        context |= for_members(membership)
    else:
        context |= ways_in(request.user, found)
    return render(request, "rooms/group.html", context)


def leaders_of(group: WorkingGroup, member: Member) -> list[dict[str, object]]:
    """Who leads, of those whom this member may know of, each with the end of their term and whether it has passed."""
    leading = Membership.objects.filter(group=group, role=Membership.Role.LEADER)
    known = leading.filter(member__in=members_known_to(member), member__is_active=True)
    ordered = known.with_badges().order_by("member__display_name")
    return [{"member": one.member, "until": one.leads_until, "is_over": is_over(one)} for one in ordered]


def for_members(membership: Membership) -> dict[str, object]:
    """What a group's page says to those who belong: who else does, and what is theirs to do."""
    may_lead = permissions.may_lead(membership.member, membership)
    waiting = JoinRequest.objects.filter(group=membership.group, answered_at=None, member__is_active=True)
    return {
        "organisations": members_by(membership.group, "organisation", "organisation__short_name"),
        "professions": members_by(membership.group, "profession", "profession__name"),
        "may_lead": may_lead,
        "asking": waiting.count() if may_lead else 0,
        "is_term_near": is_near_its_end(membership),
        "is_term_over": is_over(membership),
    }


def members_by(group: WorkingGroup, field: str, called: str) -> list[tuple[Any, Any, int]]:
    """How many of a group's members share each value of a field, the most first: value, what it is called, how many."""
    members = Member.objects.filter(memberships__group=group, is_active=True).exclude(**{field: None})
    counted = members.values_list(field, called).annotate(count=Count("pk")).order_by("-count", called)
    return list(counted)


def ways_in(member: Member, group: WorkingGroup) -> dict[str, object]:
    """What a group's page says to those who do not belong: how one joins."""
    now = timezone.now()
    asked = JoinRequest.objects.filter(member=member, group=group, answered_at=None)
    return {
        "has_asked": asked.exists(),
        "may_ask": not permissions.may_ask_to_join(member, group, now),
        "cannot_join_words": permissions.may_join(member, group, now),
    }


@require_POST
@login_required
def join(request: MemberRequest, group_id: int) -> HttpResponse:
    join_group(request.user, group_id)
    return redirect("group", group_id)


@require_POST
@login_required
def leave(request: MemberRequest, group_id: int) -> HttpResponse:
    leave_group(request.user, group_id)
    return redirect("groups")


@require_http_methods(["GET", "POST"])
@login_required
def start(request: MemberRequest) -> HttpResponse:
    """The form that starts a group, and what it does. What was typed comes back with a refusal."""
    permissions.allow(permissions.may_start_group(request.user, timezone.now()))
    context: dict[str, object] = {"charter": Charter("", ""), "leader": "", **choices()}
    if request.method == "POST":
        typed, leader = typed_charter(request), request.POST.get("leader", "")
        try:
            group = start_group(request.user, typed, leader, answered_in(request))
        except BadRequest as refused:
            context |= {"charter": typed, "leader": leader, "refused": refused}
            return render(request, "rooms/start_group.html", context, status=refused.status)
        is_mine = working_memberships_of(request.user).filter(group=group).exists()
        return redirect("group", group.pk) if is_mine else redirect("groups")
    return render(request, "rooms/start_group.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def change(request: MemberRequest, group_id: int) -> HttpResponse:
    """The form that changes a group, and what it does. What was typed comes back with a refusal."""
    mine = membership_in(request.user, group_id)
    permissions.allow(permissions.may_change_group(mine.member, mine, timezone.now()))
    context: dict[str, object] = {"group": mine.group, "charter": charter_of(mine.group), **choices()}
    if request.method == "POST":
        typed = typed_charter(request)
        try:
            change_group(request.user, group_id, typed, answered_in(request))
        except BadRequest as refused:
            context |= {"charter": typed, "refused": refused}
            return render(request, "rooms/change_group.html", context, status=refused.status)
        return redirect("group", group_id)
    return render(request, "rooms/change_group.html", context)


def typed_charter(request: MemberRequest) -> Charter:
    typed = request.POST
    return Charter(
        name=typed.get("name", ""),
        purpose=typed.get("purpose", ""),
        kind=typed.get("kind", ""),
        history=typed.get("history", ""),
        term_months=whole_number(typed.get("term_months", "")),
    )


def choices() -> dict[str, object]:
    """What the form offers to choose from, each as its value and its words."""
    return {
        "kinds": WorkingGroup.Kind.choices,
        "histories": WorkingGroup.History.choices,
        "terms": list(CHOICES.items()),
    }


@require_POST
@login_required
def close(request: MemberRequest, group_id: int) -> HttpResponse:
    """Close a group (`on` is 1), or open it again (0)."""
    close_group(request.user, group_id, on=asked_on(request))
    return redirect("group", group_id)
