"""The first run, the page that changes the community, and how it looks."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.csp import CSP
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_safe

from members.actions import sign_in
from members.community.actions import HOUSE_COLOUR, About, about_community, change_community, zones_offered
from members.community.beginning import BegunAlready, Founder, begin_community, is_first_run_key
from members.community.facts import the_community
from members.community.rules import RulesMovedOn, number_in_force
from members.models import Community
from members.permissions import allow, may_change_community
from members.refusals import BadRequest, NotHere, Refused
from members.requests import MemberRequest, answered_in, whole_number

HOUR = 3600
YEAR = 365 * 24 * HOUR
PAPER = "#f5f3ef"
"""The ground of every page: `theme-color` in base.html."""


@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """The first run: with the key, the form that begins the community; without it, where to find the key."""
    typed = request.POST if request.method == "POST" else request.GET
    key = typed.get("key", "")
    if not is_first_run_key(key):
        if the_community().has_begun:
            raise NotHere
        return render(request, "community/locked.html", {"key": key}, status=403 if key else 200)
    if request.method == "POST":
        return begin(request, key)
    if the_community().has_begun:
        raise NotHere
    about = About(name="", time_zone=settings.TIME_ZONE)
    return welcome_page(request, key, about, Founder("", "", ""))


def begin(request: HttpRequest, key: str) -> HttpResponse:
    about = typed_about(request)
    founder = Founder(*(request.POST.get(field, "") for field in ("display_name", "address", "password")))
    try:
        member = begin_community(about, founder, logo=request.FILES.get("picture"), answered=answered_in(request))
    except (BadRequest, BegunAlready) as refused:
        return welcome_page(request, key, about, founder, refused)
    sign_in(request, member)
    return redirect(settings.LOGIN_REDIRECT_URL)


def welcome_page(
    request: HttpRequest, key: str, about: About, founder: Founder, refused: BadRequest | BegunAlready | None = None
) -> HttpResponse:
    context = {"about": about, "founder": founder, "time_zones": zones_offered(), "key": key, "refused": refused}
    return render(request, "community/welcome.html", context, status=refused.status if refused else 200)


@require_http_methods(["GET", "POST"])
@login_required
def community(request: MemberRequest) -> HttpResponse:
    """The form in which administrators change the community. What was typed comes back with a refusal."""
    allow(may_change_community(request.user))
    context: dict[str, object] = {"time_zones": zones_offered(), "about": about_community()}
    if request.method == "POST":
        about = typed_about(request)
        without_logo = request.POST.get("without_logo") == "1"
        try:
            logo, answered = request.FILES.get("picture"), answered_in(request)
            change_community(request.user, about, logo=logo, without_logo=without_logo, answered=answered)
        except (BadRequest, RulesMovedOn) as refused:
            context |= {"about": fresh(about, refused), "refused": refused}
            return render(request, "community/change.html", context, status=refused.status)
        return redirect("community")
    return render(request, "community/change.html", context)


def fresh(about: About, refused: Refused) -> About:
    """What was typed; after other house rules came into force meanwhile, to be compared with those."""
    return replace(about, rules_number=number_in_force()) if isinstance(refused, RulesMovedOn) else about


def typed_about(request: HttpRequest) -> About:
    said = request.POST
    return About(
        name=said.get("name", ""),
        purpose=said.get("purpose", ""),
        rules=said.get("rules", ""),
        time_zone=said.get("time_zone", ""),
        colour=said.get("colour", HOUSE_COLOUR),
        may_be_asked=said.get("may_be_asked") == "1",
        rules_number=whole_number(said.get("rules_number", "")) or 0,
        rules_reason=said.get("rules_reason", ""),
        urgent=said.get("urgent", ""),
    )


@require_safe
def look(request: HttpRequest, version: str) -> HttpResponse:
    """The community's colour as a style sheet, for pages may hold no style of their own. Its name changes with it."""
    colour = the_community().colour or HOUSE_COLOUR
    answer = HttpResponse(f":root {{ --community: {colour}; }}\n", content_type="text/css")
    return kept_for_good(answer) if version == colour.removeprefix("#") else answer


@require_safe
@csp_override({"default-src": [CSP.NONE], "sandbox": [""]})
def logo(request: HttpRequest, version: str) -> HttpResponse:
    """The logo. Another one has another address."""
    picture = Community.objects.filter(logo_digest=version).values_list("logo", flat=True).first()
    if not picture:
        raise NotHere
    return kept_for_good(HttpResponse(bytes(picture), content_type="image/webp"))


@require_safe
@cache_control(max_age=HOUR)
def manifest(request: HttpRequest) -> JsonResponse:
    """What the community is called on a home screen, and how it opens from there.

    iPhones and iPads let a site tell its members at once only when it has been put there, and opens as an app of its own.
    """
    community = the_community()
    icons = [
        {
            "src": static(f"icons/app-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in (192, 512)
    ]
    facts = {
        "id": "/",
        "name": community.name,
        "short_name": community.name,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(facts, content_type="application/manifest+json")


def kept_for_good(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return answer
