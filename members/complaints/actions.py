"""Complaining about how data about oneself is used, and the administrators' answer.

The Data (Use and Access) Act 2025 put section 164A into the Data Protection Act 2018: whoever keeps data makes it easy to
complain, acknowledges within thirty days, takes the steps that are needed and tells the outcome, both without undue delay. Here
the acknowledgement goes out at once, and the same thirty days are the time in which an outcome is due.

What is written here passes no screen, for it has to be possible to say which words about oneself stand where. Only
administrators read it.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from events.catalogue import ComplaintAnswered, ComplaintDue, ComplaintMade
from events.publish import publish
from frontend.text import clean, is_blank
from members.access import complaint_for
from members.addresses import checked_address
from members.limits import Allowance, Limits
from members.mail import send_soon
from members.models import Complaint, Member
from members.permissions import allow, may_answer_complaints
from members.refusals import BadRequest, NotAllowed, NotHere, TooFast

DUE_AFTER = timedelta(days=30)
REMIND_BEFORE = timedelta(days=10)
KEPT_FOR = timedelta(days=3 * 365)
"""After the answer: as long as somebody may go to the ICO or to court with it, and ask what we said."""
LONGEST_WORDS = 4_000
MOST_OPEN = 1_000
"""Complaints that wait for an answer. More than that is a flood, whoever it comes from."""

from_one_place = Limits(Allowance(burst=10, a_minute=0.2))
"""Many may share a place: a hospital, or a proxy before us."""
for_one_address = Limits(Allowance(burst=3, a_minute=0.05))


def complain(words: str, address: str, *, from_where: str) -> Complaint:
    """Make a complaint; with an address, it is acknowledged there at once. Raises BadRequest, TooFast."""
    words = checked(words)
    address = checked_address(address) if address.strip() else ""
    if not from_one_place.allow(from_where) or (address and not for_one_address.allow(address)):
        raise TooFast(
            "Many complaints came from there just now. Your words are kept below: send them again in some minutes."
        )
    if Complaint.objects.filter(answered_at=None).count() >= MOST_OPEN:
        raise TooFast(
            "More complaints are waiting than anybody could read. Write to an administrator of this community."
        )
    now = timezone.now()
    with transaction.atomic():
        complaint = Complaint.objects.create(words=words, address=address, made_at=now, due_at=now + DUE_AFTER)
        acknowledge(complaint)
        publish(ComplaintMade(complaint=complaint.pk))
    return complaint


def checked(words: str) -> str:
    words = clean(words).strip()
    if is_blank(words):
        raise BadRequest("Say what it is about, in your own words.", code="blank", field="words")
    if len(words) > LONGEST_WORDS:
        raise BadRequest(f"That is over the limit of {LONGEST_WORDS:,} characters.", code="too_long", field="words")
    return words


def acknowledge(complaint: Complaint) -> None:
    """Without the words: whoever typed somebody else's address must not be able to write to them through us."""
    if complaint.address:
        send_soon(
            complaint.address,
            f"We have your complaint {complaint.ticket}",
            "complaint_received",
            ticket=complaint.ticket,
            due=in_words(complaint),
            page=settings.SITE_URL + reverse("complaint_received", args=[complaint.ticket]),
        )


def in_words(complaint: Complaint) -> str:
    return date_format(timezone.localtime(complaint.due_at), "j F Y")


def complaint_with(ticket: str) -> Complaint:
    """What whoever knows the ticket may know of it. Raises NotHere."""
    found = Complaint.objects.only("ticket", "made_at", "due_at", "answered_at").filter(ticket=ticket).first()
    if found is None:
        raise NotHere
    return found


def complaints_for(administrator: Member) -> QuerySet[Complaint]:
    """All of them, first what is due next, then what was answered. Raises NotAllowed."""
    allow(may_answer_complaints(administrator, timezone.now()))
    return Complaint.objects.order_by("-answered_at", "due_at", "pk")


@transaction.atomic
def answer_complaint(administrator: Member, complaint_id: int, outcome: str) -> Complaint:
    """Say what came of it, in words; where there is an address, they are mailed. Raises NotAllowed, NotHere, BadRequest."""
    complaint = complaint_for(administrator, complaint_id, locked=True)
    if complaint.answered_at:
        raise NotAllowed("This complaint has been answered already.")
    complaint.outcome, complaint.answered_by, complaint.answered_at = checked(outcome), administrator, timezone.now()
    complaint.save(update_fields=["outcome", "answered_by", "answered_at"])
    if complaint.address:
        subject = f"About your complaint {complaint.ticket}"
        send_soon(complaint.address, subject, "complaint_answered", ticket=complaint.ticket, outcome=complaint.outcome)
    publish(ComplaintAnswered(complaint=complaint.pk))
    return complaint


def remind_of_complaints() -> None:
    """Tell administrators of what is due in a few days, each once."""
    now = timezone.now()
    due = Complaint.objects.filter(answered_at=None, reminded_at=None, due_at__lte=now + REMIND_BEFORE)
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            if due.filter(pk=pk).update(reminded_at=now):
                publish(ComplaintDue(complaint=pk))


def forget_old_complaints() -> None:
    Complaint.objects.filter(answered_at__lt=timezone.now() - KEPT_FOR).delete()
