"""Erasing what is kept of a member, when they wish it: after a week in which they can change their mind.

Every floor erases its own: settings.ERASED names those functions, in their order. Each may be called again after a
crash, and each leaves nothing of what it is there for. What a member wrote is removed with them, or stays without their name, as
they choose. `docs/my-data.md` lists every place where a member is named, and a test holds the list to the models.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string

from members.actions import end_sessions, keep_an_administrator
from members.copies import path_of
from members.mail import send_soon
from members.models import Block, Erasure, Member, Mute, Photo
from members.refusals import BadRequest

GRACE = timedelta(days=7)
NAME = "Former member"

type Keeps = Callable[[Member], bool]
"""Called with the member; whether something of theirs is still kept because the law requires it."""
type Eraser = Callable[[Member, bool], None]
"""Called with the member, and whether what they wrote goes too."""


@cache
def erasers() -> tuple[Eraser, ...]:
    return tuple(import_string(name) for name in settings.ERASED)


@cache
def keepers() -> tuple[Keeps, ...]:
    return tuple(import_string(name) for name in settings.KEPT_BY_LAW)


@transaction.atomic
def ask_to_be_erased(member: Member, *, messages: str) -> Erasure:
    """Be erased a week from now; `messages` is "remove" or "keep" (without the name). Asked again, the choice is the new one.

    Raises BadRequest, and NotAllowed for the only administrator. Who leads a group may go all the same: it is their right.
    """
    if messages not in Erasure.Messages.values:
        raise BadRequest("Choose what becomes of what you wrote.", field="messages")
    keep_an_administrator(member)
    erasure, _ = Erasure.objects.update_or_create(
        member=member, defaults={"messages": messages, "due_at": timezone.now() + GRACE}
    )
    page = settings.SITE_URL + reverse("my_data")
    due = date_format(timezone.localtime(erasure.due_at), "l, j F Y, H:i")
    send_soon(member.email, "Your account will be erased", "erasure_asked", page=page, due=due)
    return erasure


@transaction.atomic
def keep_after_all(member: Member) -> None:
    """Change one's mind in time."""
    Erasure.objects.filter(member=member, done_at=None).delete()


def erase_due() -> None:
    """Erase everybody whose week is over. A crash leaves the row, and the next call goes on."""
    for erasure in Erasure.objects.filter(done_at=None, due_at__lte=timezone.now()).select_related("member"):
        erase(erasure)


def erase(erasure: Erasure) -> None:
    """All that the floors keep, then the account itself; and a last letter, to the address that is then forgotten.

    Where the law requires that something is kept, the letter says so, and who they were stays with the receipt until it has gone.
    """
    member, address = erasure.member, erasure.member.email
    # Before anything changes, for whoever goes on after a crash finds another name.
    Erasure.objects.filter(pk=erasure.pk, kept_address="").update(kept_name=member.display_name, kept_address=address)
    # First of all, for what is drawn anew from here on bears this name.
    Member.objects.filter(pk=member.pk).update(display_name=NAME, is_active=False)
    for eraser in erasers():
        eraser(member, erasure.messages == Erasure.Messages.REMOVE)
    with transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(done_at=timezone.now())
        forget(member)
        if is_kept(member):
            page = settings.SITE_URL + reverse("complaint")
            send_soon(address, "Your account is erased", "erasure_kept", page=page)
        else:
            forget_who_it_was(erasure)
            send_soon(address, "Your account is erased", "erasure_done")


def is_kept(member: Member) -> bool:
    return any(keeps(member) for keeps in keepers())


def is_under_hold(member: Member) -> bool:
    """Whether the law requires that what they wrote is kept, as it stands now."""
    return Member.objects.filter(pk=member.pk, preserved_at__isnull=False).exists()


def forget_who_it_was(erasure: Erasure) -> None:
    Erasure.objects.filter(pk=erasure.pk).update(kept_name="", kept_address="")


def finish_erasures() -> None:
    """Tell those of whom something was kept that it has gone, and forget who they were."""
    for erasure in Erasure.objects.filter(done_at__isnull=False).exclude(kept_address="").select_related("member"):
        if not is_kept(erasure.member):
            with transaction.atomic():
                send_soon(erasure.kept_address, "The rest has gone too", "erasure_finished")
                forget_who_it_was(erasure)


def forget(member: Member) -> None:
    """What is left is a row that others' words can still point at, and that nobody can sign in with or find."""
    fresh = Member(
        pk=member.pk,
        email=f"former-{member.pk}@erased.invalid",
        handle=f"former-member-{member.pk}",
        display_name=NAME,
        is_active=False,
        preserved_at=Member.objects.values_list("preserved_at", flat=True).get(pk=member.pk),
        joined_at=timezone.now(),
    )
    fresh.set_unusable_password()
    fresh.save(force_update=True)


def erase_ways_in(member: Member, _: bool) -> None:
    """Whom they kept their distance from, sessions with their open pages, ways in, addresses, the photo, copies of their data."""
    end_sessions(member)
    Photo.objects.filter(member=member).delete()
    for kept in (Authenticator, EmailAddress, SocialAccount):
        kept.objects.filter(user=member).delete()
    for near in (Block, Mute):
        near.objects.filter(Q(member=member) | Q(other=member)).delete()
    for copy in member.data_copies.all():
        path_of(copy).unlink(missing_ok=True)
        copy.delete()
