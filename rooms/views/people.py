"""Pages about people: the directory, and a member's card."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from members.access import member_for
from members.models import Member, Organisation
from members.requests import MemberRequest, address_of, searched, wants_fragment, whole_number
from rooms.access import memberships_of
from rooms.directory import groups_in_common, people_for
from rooms.models import WorkingGroup

PEOPLE_A_PAGE = 60


@require_GET
@login_required
def directory(request: MemberRequest) -> HttpResponse:
    """Everybody in the community, and ways to find the right one."""
    find, profession = searched(request), searched(request, "profession")
    organisation, group = (whole_number(request.GET.get(name, "")) or 0 for name in ("organisation", "group"))
    found = people_for(request.user, find=find, organisation=organisation, profession=profession, group=group)
    asked: dict[str, str | int] = {"find": find, "organisation": organisation, "profession": profession, "group": group}
    paginator = Paginator(found, PEOPLE_A_PAGE)
    context = {
        **asked,
        "page": paginator.get_page(request.GET.get("page")),
        "count": paginator.count,
        "asked": address_of(asked),
        "organisations": Organisation.objects.filter(members__is_active=True).distinct().order_by("name"),
        "professions": Member.Profession.choices,
        "groups": WorkingGroup.objects.filter(pk__in=memberships_of(request.user).values("group")).order_by("name"),
    }
    return render(request, "members/directory.html", context)


@require_GET
@login_required
def card(request: MemberRequest, member_id: int) -> HttpResponse:
    """Who somebody is, to the other members."""
    template = "members/_card.html" if wants_fragment(request, "panel") else "members/card.html"
    member = member_for(request.user, member_id)
    return render(request, template, {"member": member, "groups": groups_in_common(request.user, member)})
