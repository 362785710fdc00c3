"""Pages about invitations: the list, inviting with a preview, and the page that a link opens."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from frontend.text import to_html
from members.actions import sign_in
from members.community.rules import number_in_force, text_of
from members.invitations.actions import (
    Answer,
    InvitationOver,
    NotForYou,
    SignInFirst,
    accept,
    accept_as,
    invitation_of,
    revoke,
    send_again,
)
from members.invitations.asking import open_requests
from members.models import Invitation, Member, Organisation, Profession
from members.permissions import allow, is_moderator, may_give_role, may_invite
from members.refusals import AboutWords, BadRequest, NotAllowed, NotHere, Refused, TooFast
from members.requests import MemberRequest, answered_in, whole_number
from rooms.access import groups_known_to, groups_to_invite_to, invitation_for, invitations_for, membership_in
from rooms.actions.invitations import TERMS, Plan, Wish, invite_people, liveliest_room, plan_invitations
from rooms.models import Membership, PromisedPlace

INVITATIONS_A_PAGE = 100
STATES = {
    "waiting": "waiting to be sent",
    "sent": "sent",
    "failed": "could not be sent",
    "used": "accepted",
    "expired": "expired",
    "revoked": "taken back",
}
OUTCOMES = {
    "invite": "will be invited",
    "again": "was invited already: will be sent a new letter",
    "add": "is a member already: will be added to the group",
    "member": "is a member already: nothing changes",
    "just_now": "was sent an invitation a moment ago: gets no second letter",
    "suspended": "cannot be invited for now",
    "twice": "stands in the list already",
    "no_address": "is not an e-mail address",
}


def may_see_invitations(member: Member) -> None:
    """Raises NotAllowed for whoever invites nobody anywhere."""
    if not groups_to_invite_to(member).exists():
        allow(may_invite(member, Member.Role.MEMBER, timezone.now()))


@require_GET
@login_required
def listed(request: MemberRequest) -> HttpResponse:
    """The invitations that are one's own to look after, the newest first; for moderators, who asks to join as well."""
    may_see_invitations(request.user)
    places = PromisedPlace.objects.filter(group__in=groups_known_to(request.user)).select_related("group")
    found = invitations_for(request.user).select_related("invited_by", "used_by")
    found = found.prefetch_related(Prefetch("places", places)).order_by("-made_at", "-pk")
    page = Paginator(found, INVITATIONS_A_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "page": page,
        "lines": [(invitation, invitation.state(now), STATES[invitation.state(now)]) for invitation in page],
        "requests": open_requests().order_by("asked_at") if is_moderator(request.user) else [],
    }
    return render(request, "invitations/list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def invite(request: MemberRequest) -> HttpResponse:
    """Whom to invite, then what will happen to each, then it happens. What was typed comes back with a refusal."""
    may_see_invitations(request.user)
    if request.method == "GET":
        return invite_page(request, Wish("", group=whole_number(request.GET.get("group", ""))))
    wish = typed_wish(request)
    try:
        if request.POST.get("step") == "send":
            invite_people(request.user, wish, answered_in(request))
            return redirect("invitations")
        if request.POST.get("step") == "change":
            return invite_page(request, wish)
        return preview(request, wish, plan_invitations(request.user, wish))
    except (NotAllowed, NotHere, AboutWords):
        raise
    except Refused as refused:
        return invite_page(request, wish, refused)


def typed_wish(request: MemberRequest) -> Wish:
    """Raises NotHere for a group that is none of theirs."""
    said = request.POST
    group = whole_number(said.get("group", ""))
    if group is not None:
        membership_in(request.user, group)
    return Wish(
        people=said.get("people", ""),
        role=said.get("role", Member.Role.MEMBER),
        group=group,
        group_role=said.get("group_role", Membership.Role.MEMBER),
        note=said.get("note", ""),
        days=whole_number(said.get("days", "")) or 0,
    )


def invite_page(request: MemberRequest, wish: Wish, refused: Refused | None = None) -> HttpResponse:
    me = request.user
    context = {
        "wish": wish,
        "groups": groups_to_invite_to(me).order_by("name"),
        "may_invite_to_community": is_moderator(me),
        "roles": [(role, words) for role, words in Member.Role.choices if not may_give_role(me, role)],
        "group_roles": Membership.Role.choices,
        "terms": TERMS,
        "refused": refused,
    }
    return render(request, "invitations/invite.html", context, status=refused.status if refused else 200)


def preview(request: MemberRequest, wish: Wish, plan: Plan) -> HttpResponse:
    counts = [(len(plan.those(outcome)), words) for outcome, words in OUTCOMES.items() if plan.those(outcome)]
    context = {
        "wish": wish,
        "group": plan.group,
        "role": Member.Role(wish.role).label,
        "counts": counts,
        "lines": [(planned, OUTCOMES[planned.outcome]) for planned in plan.people],
        "letters": len(plan.those("invite", "again")),
        "added": len(plan.those("add")),
        "is_something": bool(plan.those("invite", "again", "add") or (plan.group and plan.those("just_now"))),
    }
    return render(request, "invitations/preview.html", context)


@require_POST
@login_required
def send_once_more(request: MemberRequest, invitation_id: int) -> HttpResponse:
    may_see_invitations(request.user)
    send_again(invitation_for(request.user, invitation_id))
    return redirect("invitations")


@require_POST
@login_required
def take_back(request: MemberRequest, invitation_id: int) -> HttpResponse:
    may_see_invitations(request.user)
    revoke(invitation_for(request.user, invitation_id))
    return redirect("invitations")


# The page that a link opens -----------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_page(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites, to what, and a button. Opening it, as mail scanners do, changes nothing: only the button joins."""
    try:
        answer = respond(request, token)
    except InvitationOver as over:
        answer = render(request, "invitations/over.html", {"refused": over}, status=over.status)
    except (NotForYou, SignInFirst) as refused:
        answer = render(request, "invitations/elsewhere.html", {"refused": refused}, status=refused.status)
    # The token stands in this page's address, so no other page is told the address. Not `no-referrer`: browsers then
    # send `Origin: null` with the form, which is refused as if it came from another site.
    answer["Referrer-Policy"] = "strict-origin"
    return answer


def respond(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_of(token)
    if isinstance(request.user, Member):
        return respond_to_member(request, request.user, token, invitation)
    typed = typed_answer(request, invitation)
    if request.method != "POST":
        if Member.objects.filter(email=invitation.address).exists():
            raise SignInFirst
        return form_page(request, invitation, typed)
    try:
        member = accept(token, typed, answered_in(request))
    except (BadRequest, TooFast) as refused:
        return form_page(request, invitation, typed, refused)
    sign_in(request, member)
    return first_page(member, invitation)


def respond_to_member(request: HttpRequest, member: Member, token: str, invitation: Invitation) -> HttpResponse:
    if request.method == "POST":
        return first_page(member, accept_as(member, token))
    if invitation.address != member.email:
        raise NotForYou
    return render(request, "invitations/join.html", {"invitation": invitation})


def typed_answer(request: HttpRequest, invitation: Invitation) -> Answer:
    """What was typed; before that, what stood in the list by which they were invited."""
    if request.method == "POST":
        said = request.POST
        return Answer(
            display_name=said.get("display_name", ""),
            profession=said.get("profession", ""),
            organisation=said.get("organisation", ""),
            other_organisation=said.get("other_organisation", ""),
            password=said.get("password", ""),
        )
    named = Q(name__iexact=invitation.organisation) | Q(short_name__iexact=invitation.organisation)
    organisation = offered(Organisation).filter(named).first()
    profession = offered(Profession).filter(name__iexact=invitation.profession).first()
    return Answer(
        display_name=invitation.name,
        profession=str(profession.pk) if profession else "",
        organisation=str(organisation.pk) if organisation else "",
        other_organisation="" if organisation else invitation.organisation,
    )


def offered[Entry: Organisation | Profession](model: type[Entry]) -> QuerySet[Entry]:
    return model._default_manager.filter(retired_at=None).order_by("name")  # type: ignore[return-value]


def form_page(
    request: HttpRequest, invitation: Invitation, typed: Answer, refused: BadRequest | TooFast | None = None
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "answer": typed,
        "rules": to_html(text_of(number_in_force())),
        "professions": offered(Profession).order_by("order", "name"),
        "organisations": offered(Organisation),
        "refused": refused,
    }
    return render(request, "invitations/accept.html", context, status=refused.status if refused else 200)


def first_page(member: Member, invitation: Invitation) -> HttpResponse:
    room = liveliest_room(member, invitation)
    return redirect("room", room.pk) if room else redirect(settings.LOGIN_REDIRECT_URL)
