"""Pages about people: the directory, a member's card, and their photo."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from members.models import Block, Mute, Organisation, Photo, Profession
from members.permissions import is_administrator, may_hold
from members.refusals import NotHere
from members.requests import MemberRequest, address_of, searched, wants_fragment, whole_number
from rooms.access import member_for, working_memberships_of
from rooms.directory import groups_in_common, members_listed_to, people_for
from rooms.models import WorkingGroup

PEOPLE_A_PAGE = 60
A_YEAR = 365 * 24 * 3600


@require_GET
@login_required
def directory(request: MemberRequest) -> HttpResponse:
    """Everybody in the community, and ways to find the right one."""
    find = searched(request)
    organisation, profession, group = (
        whole_number(request.GET.get(name, "")) or 0 for name in ("organisation", "profession", "group")
    )
    found = people_for(request.user, find=find, organisation=organisation, profession=profession, group=group)
    asked: dict[str, str | int] = {"find": find, "organisation": organisation, "profession": profession, "group": group}
    paginator = Paginator(found, PEOPLE_A_PAGE)
    # Only what a listed member has: an organisation with nobody in it to be seen would give away that somebody is hidden.
    listed = members_listed_to(request.user)
    mine = working_memberships_of(request.user).values("group")
    context = {
        **asked,
        "page": paginator.get_page(request.GET.get("page")),
        "count": paginator.count,
        "asked": address_of(asked),
        "organisations": Organisation.objects.filter(pk__in=listed.values("organisation")).order_by("name"),
        "professions": Profession.objects.filter(pk__in=listed.values("profession")).order_by("order", "name"),
        "groups": WorkingGroup.objects.filter(pk__in=mine).order_by("name"),
    }
    return render(request, "members/directory.html", context)


@require_GET
@login_required
def card(request: MemberRequest, member_id: int) -> HttpResponse:
    """Who somebody is, to the other members."""
    template = "members/_card.html" if wants_fragment(request, "panel") else "members/card.html"
    member = member_for(request.user, member_id)
    context = {
        "member": member,
        "groups": groups_in_common(request.user, member),
        "sees_real_name": is_administrator(request.user),
        "can_hold": not may_hold(request.user, member, timezone.now()),
        "is_blocked": Block.objects.filter(member=request.user, other=member).exists(),
        "is_muted": Mute.objects.filter(member=request.user, other=member).exists(),
    }
    return render(request, template, context)


@require_GET
@login_required
def photo(request: MemberRequest, member_id: int) -> HttpResponse:
    """A member's photo, for whom their card is open. Its address has its version, so a browser may keep it."""
    member = member_for(request.user, member_id)
    found = Photo.objects.filter(member=member).first()
    if found is None:
        raise NotHere
    kept = f"private, max-age={A_YEAR}, immutable" if request.GET.get("v") == member.photo_version else "no-store"
    headers = {"Cache-Control": kept, "Content-Security-Policy": "default-src 'none'; sandbox"}
    return HttpResponse(bytes(found.picture), content_type="image/webp", headers=headers)
