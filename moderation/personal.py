"""What moderation keeps of a member: for the copy they take along, and for erasing it."""

from collections.abc import Iterator

from members.copies import Part
from members.models import Member
from moderation.access import decisions_about
from moderation.models import Appeal, PanelVolunteer, Report, Seat, WeekOfFirstLooks


def kept_in_moderation(member: Member) -> Iterator[Part]:
    """What they reported, and what was decided about them. Not who reported them."""
    reports = Report.objects.filter(by=member).order_by("pk")
    rows = [
        {
            "why": each.get_ground_display(),
            "words": each.words,
            "reported": each.made_at,
            "answered": each.answered_at,
        }
        for each in reports
    ]
    yield Part("reports", "What you reported", rows)
    decided = [
        {
            "decision": each.number,
            "what": each.get_act_display(),
            "rule": each.get_ground_display(),
            "reason": each.reason,
            "words": each.words,
            "until": each.until,
            "decided": each.made_at,
        }
        for each in decisions_about(member)
    ]
    yield Part("decisions", "What was decided about you", decided)
    appeals = (
        Appeal.objects.filter(decision__about=member).order_by("pk").values("decision", "words", "made_at", "outcome")
    )
    yield Part("appeals", "Your appeals", appeals)
    offers = PanelVolunteer.objects.filter(member=member).values("offered_at")
    yield Part("hearing_appeals", "That you offered to hear appeals", offers)
    seats = Seat.objects.filter(member=member).order_by("pk").values("drawn_at", "voice", "reason", "answered_at")
    yield Part("seats", "Appeals you were drawn for", seats)
    weeks = WeekOfFirstLooks.objects.filter(member=member).order_by("monday").values("monday")
    yield Part("first_looks", "Weeks in which you look first", weeks)


def erase_reports(member: Member, _: bool) -> None:
    """What they said when they reported or appealed, that they can be drawn, and the weeks in which they look first.

    That it happened stays, and so does the record. An appeal that is not over yet is heard without them; their words
    stay until then.
    """
    Report.objects.filter(by=member).update(words="")
    Appeal.objects.filter(decision__about=member).exclude(ended_at=None).update(words="")
    PanelVolunteer.objects.filter(member=member).delete()
    WeekOfFirstLooks.objects.filter(member=member).delete()
