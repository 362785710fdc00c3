"""Pages about working groups: home, those I may join, one group with its rooms."""

from collections.abc import Sequence

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
from members.requests import MemberRequest, address_of, searched
from rooms.access import group_for, groups_known_to, membership_in, memberships_of
from rooms.actions.groups import change_group, join_group, leave_group
from rooms.actions.rooms import open_room
from rooms.models import JoinRequest, Membership, Room, WorkingGroup
from rooms.sidebar import ListedRoom, rooms_of_group, sidebar_for

ROOMS_A_PAGE = 50


@require_GET
@login_required
def home(request: MemberRequest) -> HttpResponse:
    """My groups and rooms, most recent first, and what is new in them."""
    listed = sidebar_for(request.user)
    unread = [room for group in listed for room in group.rooms if room.unread]
    unread.sort(key=lambda room: (not room.mentions, -room.last_message_at.timestamp()))
    return render(request, "rooms/home.html", {"sidebar": listed, "new_rooms": unread})


@require_GET
@login_required
def sidebar(request: MemberRequest) -> HttpResponse:
    """The list of rooms alone, for a page that was away for a while."""
    return render(request, "rooms/_sidebar.html")


@require_GET
@login_required
def groups(request: MemberRequest) -> HttpResponse:
    """My groups, and those I may join or ask to join."""
    mine = set(memberships_of(request.user).values_list("group_id", flat=True))
    known = list(groups_known_to(request.user).annotate(members_count=Count("memberships")).order_by("name"))
    context = {
        "groups_mine": [group for group in known if group.pk in mine],
        "groups_open": [group for group in known if group.pk not in mine],
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
    membership = memberships_of(request.user).filter(group=found).first()
    find, archived = searched(request), request.GET.get("archived") == "1"
    leaders = Membership.objects.filter(group=found, role=Membership.Role.LEADER)
    context: dict[str, object] = {
        "group": found,
        "membership": membership,
        "members_count": Membership.objects.filter(group=found).count(),
        "leaders": [
            leader.member for leader in leaders.select_related("member__organisation").order_by("member__display_name")
        ],
        "cannot_join_words": "" if membership else permissions.may_join(request.user, found, timezone.now()),
        "find": find,
        "asked": address_of({"find": find, "archived": int(archived)}),
        "archived": archived,
    }
    if membership:
        context["may_lead"] = permissions.may_lead(request.user, membership)
        if context["may_lead"]:
            context["asking"] = JoinRequest.objects.filter(
                group=found, answered_at=None, member__is_active=True
            ).count()
        rooms = RoomsOfGroup(request.user, found, find, archived=archived)
        context["page"] = Paginator(rooms, ROOMS_A_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    else:
        asked = JoinRequest.objects.filter(member=request.user, group=found, answered_at=None)
        context["has_asked"] = asked.exists()
        context["may_ask"] = not permissions.may_ask_to_join(request.user, found, timezone.now())
    return render(request, "rooms/group.html", context)


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
def change(request: MemberRequest, group_id: int) -> HttpResponse:
    """The form that changes a group, and what it does. What was typed comes back with a refusal."""
    mine = membership_in(request.user, group_id)
    permissions.allow(permissions.may_change_group(mine.member, mine, timezone.now()))
    fields = ("name", "purpose", "kind")
    context: dict[str, object] = {"group": mine.group, "kinds": WorkingGroup.Kind.choices}
    context |= {field: getattr(mine.group, field) for field in fields}
    if request.method == "POST":
        typed = {field: request.POST.get(field, "") for field in fields}
        try:
            change_group(request.user, group_id, **typed)
        except BadRequest as refused:
            return render(
                request, "rooms/change_group.html", context | typed | {"refused": refused}, status=refused.status
            )
        return redirect("group", group_id)
    return render(request, "rooms/change_group.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def new_room(request: MemberRequest, group_id: int) -> HttpResponse:
    """The form that opens a room, and what it does. What was typed comes back with a refusal."""
    membership = membership_in(request.user, group_id)
    context: dict[str, object] = {"group": membership.group, "name": "", "about": ""}
    if request.method == "POST":
        name, about = request.POST.get("name", ""), request.POST.get("about", "")
        try:
            room = open_room(request.user, group_id, name=name, about=about)
        except BadRequest as refused:
            context |= {"name": name, "about": about, "refused": refused}
            return render(request, "rooms/open_room.html", context, status=refused.status)
        return redirect("room", room.pk)
    return render(request, "rooms/open_room.html", context)
