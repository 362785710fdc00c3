"""Addresses at which mail has stopped: it came back for good, or was called unwanted there. Codes to sign in still go out.

Who could say so falsely could silence anybody; so only the provider that carries our mail is heard (replies/webhooks.py), and
the member sees it on their page and begins again themselves.
"""

from django.utils import timezone

from members.models import Member
from notifications.models import StoppedAddress


def stop_mail(address: str, why: StoppedAddress.Why) -> bool:
    """Send nothing more there. False for an address that is no member's, to which we write nothing anyway."""
    address = address.strip().lower()
    if not Member.objects.filter(email=address, is_active=True).exists():
        return False
    facts = {"why": why, "stopped_at": timezone.now()}
    StoppedAddress.objects.update_or_create(address=address, defaults=facts)
    return True


def stopped_for(member: Member) -> StoppedAddress | None:
    """Why and since when this member gets no mail, for their page."""
    return StoppedAddress.objects.filter(address=member.email).first()


def try_again(member: Member) -> None:
    """The member wishes for mail again; doing it twice changes nothing."""
    StoppedAddress.objects.filter(address=member.email).delete()
