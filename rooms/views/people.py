"""Pages about people: the directory, and a member's card."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from members.access import member_for
from members.models import Member, Organisation
from members.requests import MemberRequest, searched, wants_fragment
from rooms.access import memberships_of
from rooms.directory import groups_in_common, people_for
from rooms.models import WorkingGroup

PEOPLE_A_PAGE = 60


@require_GET
@login_required
def directory(request: MemberRequest) -> HttpResponse:
    """Everybody in the community, and ways to find the right one."""
    find, profession = searched(request), searched(request, "profession")
    organisation, group = number(request, "organisation"), number(request, "group")
    found = people_for(request.user, find=find, organisation=organisation, profession=profession, group=group)
    asked: dict[str, str | int] = {"find": find, "organisation": organisation, "profession": profession, "group": group}
    paginator = Paginator(found, PEOPLE_A_PAGE)
    context = {
        **asked,
        "page": paginator.get_page(request.GET.get("page")),
        "count": paginator.count,
        "asked": urlencode({name: value for name, value in asked.items() if value}),
        "organisations": Organisation.objects.filter(members__is_active=True).distinct().order_by("name"),
        "professions": Member.Profession.choices,
        "groups": WorkingGroup.objects.filter(pk__in=memberships_of(request.user).values("group")).order_by("name"),
    }
    return render(request, "members/directory.html", context)


def number(request: MemberRequest, name: str) -> int:
    """An id in the address; 0 when there is none."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


@require_GET
@login_required
def card(request: MemberRequest, member_id: int) -> HttpResponse:
    """Who somebody is, to the other members."""
    template = "members/_card.html" if wants_fragment(request, "panel") else "members/card.html"
    member = member_for(request.user, member_id)
    return render(request, template, {"member": member, "groups": groups_in_common(request.user, member)})
