"""From an id to a row of moderation that a member may see. Missing and forbidden give the same answer, NotHere."""

from collections.abc import Collection

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from frontend.text import clean
from members.models import Member
from members.permissions import allow, may_guard, may_keep_by_law, may_moderate
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation.models import (
    Appeal,
    Case,
    Decision,
    Entry,
    HidingMany,
    LegalHold,
    RecordHead,
    Report,
    Seat,
    SecondLook,
    Slip,
    WatchedWord,
)
from rooms.access import memberships_of, rooms_for
from rooms.models import File, HeldPost, Message, Room, WorkingGroup


def cases_for(moderator: Member) -> QuerySet[Case]:
    """All cases, to a moderator, except about themselves: a case says who reported it. Nobody else sees any."""
    if may_moderate(moderator, timezone.now()):
        return Case.objects.none()
    return Case.objects.filter(Q(about=None) | ~Q(about=moderator))


def case_for(moderator: Member, case_id: int, *, locked: bool = False) -> Case:
    """A case; `locked` while something is done about it. Raises NotHere."""
    cases = cases_for(moderator)
    case = (cases.select_for_update() if locked else cases).filter(pk=case_id).first()
    if case is None:
        raise NotHere
    return case


def case_file_for(moderator: Member, case_id: int, file_id: int) -> File:
    """A file of the message that a case is about, while it is kept. Raises NotHere."""
    case = case_for(moderator, case_id)
    file = File.objects.filter(pk=file_id, message=case.message_id, discarded_at=None).first()
    if file is None or case.message_id is None:
        raise NotHere
    return file


def waiting_for(moderator: Member) -> int:
    """How many cases nobody has in hand yet."""
    return cases_for(moderator).filter(state=Case.State.OPEN).count()


def held_case(key: str) -> Case:
    """The case of a thing, locked; made when there is none yet. Two who report at once get the same one."""
    Case.objects.get_or_create(key=key)
    return Case.objects.select_for_update().get(key=key)


def held_posts_for(moderator: Member) -> QuerySet[HeldPost]:
    """All posts that wait, or waited, for a look, to a moderator; to nobody else any."""
    if may_moderate(moderator, timezone.now()):
        return HeldPost.objects.none()
    return HeldPost.objects.all()


def posts_waiting() -> dict[int, int]:
    """How many posts wait for a look, by author: nobody looks at their own."""
    waiting = HeldPost.objects.filter(state=HeldPost.State.WAITING).order_by().values_list("author")
    return dict(waiting.annotate(Count("pk")))


def held_post_for(moderator: Member, held_id: int) -> HeldPost:
    """One of them. Raises NotHere."""
    held = held_posts_for(moderator).filter(pk=held_id).first()
    if held is None:
        raise NotHere
    return held


def held_head() -> RecordHead:
    """The end of the record, locked until the transaction ends."""
    head = RecordHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        RecordHead.objects.get_or_create(pk=1)
        head = RecordHead.objects.select_for_update().get(pk=1)
    return head


def decisions_about(member: Member) -> QuerySet[Decision]:
    """What was decided about a member, the newest first."""
    return Decision.objects.filter(about=member).order_by("-number")


def decision_for(member: Member, number: int) -> Decision:
    """A decision about this member, with the words that are for them alone; to a moderator any. Raises NotHere."""
    whose = Q() if not may_moderate(member, timezone.now()) else Q(about=member)
    decision = Decision.objects.filter(whose, pk=number).select_related("message__room__group", "room", "group").first()
    if decision is None:
        raise NotHere
    return decision


def decisions_numbered(first: int, last: int) -> list[Decision]:
    """Decisions of one act on many, which stand in the record one after the other, and are not taken back yet."""
    return list(Decision.objects.filter(number__range=(first, last), undone_by=None).order_by("number"))


def open_cases_on(messages: Collection[int]) -> QuerySet[Case]:
    return Case.objects.filter(message__in=messages).exclude(state=Case.State.CLOSED)


def reporters_of(message: Message) -> set[int]:
    """Members who reported a message of which the case is still open."""
    cases = open_cases_on([message.pk]).exclude(reports__by=None)
    return set(cases.values_list("reports__by", flat=True))


def held_cases_on(messages: Collection[int]) -> list[Case]:
    """The same, locked in one order."""
    return list(open_cases_on(messages).select_for_update().order_by("pk"))


def messages_within_reach(moderator: Member) -> Q:
    """Messages that a moderator may look through: in their own groups, and in groups that anybody may join.

    Not in private ones to which they do not belong; of those they see what is reported.
    """
    mine = Q(room__group__in=memberships_of(moderator).values("group"))
    is_open = Q(room__group__kind=WorkingGroup.Kind.OPEN, room__group__direct_key=None)
    return mine | is_open


def messages_to_hide(moderator: Member, messages: Collection[int]) -> list[Message]:
    """Of these messages those that stand and that the moderator may reach, or that are reported and wait."""
    reported = Q(pk__in=open_cases_on(messages).values("message"))
    found = Message.objects.standing().kept().filter(messages_within_reach(moderator) | reported, pk__in=messages)
    return list(found.select_related("author", "room__group").order_by("room", "created_version"))


def rooms_to_move_to(moderator: Member, message: Message | None) -> list[Room]:
    """Where this moderator may put a message: other rooms of its group that are in use, if they belong to the group."""
    if message is None:
        return []
    rooms = rooms_for(moderator).filter(group=message.room.group_id, group__closed_at=None, archived_at=None)
    return list(rooms.exclude(pk=message.room_id).order_by("name"))


def latest_messages_of(moderator: Member, member_id: int, most: int) -> list[Message]:
    """What a member wrote last in working groups within the moderator's reach, the newest first."""
    theirs = Message.objects.standing().kept().filter(messages_within_reach(moderator), author=member_id)
    in_groups = theirs.filter(room__group__direct_key=None)
    return list(in_groups.select_related("author", "room__group").order_by("-posted_at", "-pk")[:most])


def hidings_waiting(moderator: Member) -> QuerySet[HidingMany]:
    """What other moderators ask one to agree to, and one's own that still wait."""
    if may_moderate(moderator, timezone.now()):
        return HidingMany.objects.none()
    return HidingMany.objects.filter(second_look__answered_at=None, second_look__isnull=False, done_at=None)


def held_hiding(many_id: int) -> HidingMany:
    """An act on many, locked. Raises NotHere."""
    many = HidingMany.objects.select_for_update(of=("self",)).select_related("by").filter(pk=many_id).first()
    if many is None:
        raise NotHere
    return many


def held_second_look(**about: Case | HidingMany) -> SecondLook:
    """What still waits for another moderator, locked. Raises NotHere."""
    look = SecondLook.objects.select_for_update().filter(answered_at=None, **about).first()
    if look is None:
        raise NotHere
    return look


def named_openly(kind: str, pk: int) -> tuple[Message | None, Room | None, Member | None]:
    """A message, room or member that every member could find by themselves: of open groups, and listed."""
    is_open = {"group__kind": WorkingGroup.Kind.OPEN, "group__direct_key": None}
    if kind == "messages":
        of_open = {f"room__{name}": value for name, value in is_open.items()}
        return Message.objects.kept().filter(pk=pk, **of_open).select_related("room").first(), None, None
    if kind == "rooms":
        return None, Room.objects.filter(pk=pk, **is_open).first(), None
    return None, None, Member.objects.filter(pk=pk, is_active=True, is_listed=True, restricted_at=None).first()


def hiding_for(moderator: Member, many_id: int) -> tuple[HidingMany, list[Message]]:
    """An act on many, with the messages that it is about and that are still kept. Raises NotHere."""
    if may_moderate(moderator, timezone.now()):
        raise NotHere
    many = HidingMany.objects.select_related("by", "second_look__asked_by", "second_look__answered_by")
    found = many.filter(pk=many_id).first()
    if found is None:
        raise NotHere
    messages = Message.objects.kept().filter(pk__in=found.messages).select_related("author", "room__group")
    return found, list(messages.order_by("room", "created_version"))


def decisions_for(moderator: Member) -> QuerySet[Decision]:
    """All decisions, to a moderator, except about themselves: those they read as every member does. Nobody else sees any."""
    if may_moderate(moderator, timezone.now()):
        return Decision.objects.none()
    return Decision.objects.filter(Q(about=None) | ~Q(about=moderator))


def decisions_beside(decision: Decision) -> list[Decision]:
    """Those about the same member that were made in the same act, itself among them."""
    act = HidingMany.objects.filter(first__lte=decision.number, last__gte=decision.number).first()
    if act is None or act.first is None or act.last is None:
        return [decision]
    together = Decision.objects.filter(number__range=(act.first, act.last), about=decision.about_id)
    return list(together.select_related("message__room").order_by("number"))


def slips_for(guardian: Member) -> QuerySet[Slip]:
    """All slips, to a guardian; nobody else sees any."""
    if may_guard(guardian, timezone.now()):
        return Slip.objects.none()
    return Slip.objects.select_related("case__room", "case__group", "message__room", "settled_by", "outcome_by")


def slip_for(guardian: Member, slip_id: int) -> Slip:
    """A slip that this guardian may look at. Raises NotHere."""
    slip = slips_for(guardian).filter(pk=slip_id).first()
    if slip is None:
        raise NotHere
    return slip


def held_slip(slip_id: int) -> Slip | None:
    """A slip, locked; after its case and its message's room, where those are locked too."""
    return Slip.objects.select_for_update().filter(pk=slip_id).first()


def slips_open_on(message: Message) -> bool:
    """Whether somebody said of it that it names a patient, and no guardian has settled that."""
    return Slip.objects.filter(message=message).exclude(state=Slip.State.RESTORED).exists()


def slip_about(author: Member, message_id: int) -> Slip | None:
    """The latest slip about a message of this author's own."""
    return Slip.objects.filter(message__author=author, message=message_id).order_by("-pk").first()


def watched_word_for(moderator: Member, word_id: int) -> WatchedWord:
    """A watched word, to a moderator. Raises NotHere."""
    found = None if may_moderate(moderator, timezone.now()) else WatchedWord.objects.filter(pk=word_id).first()
    if found is None:
        raise NotHere
    return found


def legal_holds_for(administrator: Member) -> QuerySet[LegalHold]:
    """All legal holds, to an administrator, except on themselves, the latest first. Raises NotAllowed."""
    allow(may_keep_by_law(administrator, None, timezone.now()))
    return LegalHold.objects.filter(Q(member=None) | ~Q(member=administrator)).order_by("-pk")


def legal_hold_for(administrator: Member, hold_id: int, *, locked: bool = False) -> LegalHold:
    """One of them; `locked` while something is done about it. Raises NotAllowed, NotHere."""
    holds = legal_holds_for(administrator)
    hold = (holds.select_for_update() if locked else holds).filter(pk=hold_id).first()
    if hold is None:
        raise NotHere
    return hold


def person_to_hold(who: str) -> Member:
    """Whom an administrator names by handle or address: also somebody who is suspended or has left. Raises BadRequest."""
    name = clean(who).strip().lower().removeprefix("@")
    found = Member.objects.filter(Q(handle=name) | Q(email=name)).first()
    if found is None:
        raise BadRequest("No member has that name or address. Check how it is written.", code="no_member", field="who")
    return found


def group_to_hold(who: str) -> WorkingGroup:
    """The working group of that name, private or not: whoever has to see to it need not belong. Raises BadRequest."""
    found = WorkingGroup.objects.filter(name__iexact=clean(who).strip(), direct_key=None).first()
    if found is None:
        raise BadRequest("No working group has that name. Write it as it stands.", code="no_group", field="who")
    return found


def decision_about(member: Member, number: int) -> Decision:
    """A decision about this very member; also where they are suspended. Raises NotHere."""
    decision = decisions_about(member).filter(pk=number).select_related("message", "room", "group").first()
    if decision is None:
        raise NotHere
    return decision


def people_in(appeal: Appeal) -> QuerySet[Member]:
    """Members who could hear an appeal: nobody whom the decision is about, who made it, or who reported, handled or was
    drawn for the case.
    """
    decision = appeal.decision
    involved = [pk for pk in (decision.about_id, decision.by_id) if pk]
    handled = Entry.objects.filter(case=decision.case_id, by__isnull=False).values("by")
    reported = Report.objects.filter(case=decision.case_id, by__isnull=False).values("by")
    return (
        Member.objects.filter(is_active=True, restricted_at=None)
        .filter(Q(suspended_until=None) | Q(suspended_until__lte=timezone.now()))
        .exclude(pk__in=involved)
        .exclude(pk__in=handled)
        .exclude(pk__in=reported)
        .exclude(pk__in=appeal.seats.values("member"))
        .select_related("organisation", "profession")
    )


def seats_of(member: Member) -> QuerySet[Seat]:
    """Seats for which this member was drawn and that they did not leave, the newest first."""
    return Seat.objects.filter(member=member, left_at=None).select_related("appeal__decision").order_by("-drawn_at")


def seat_for(member: Member, appeal_id: int) -> Seat:
    """This member's seat in the panel of an appeal. Raises NotHere."""
    seat = seats_of(member).filter(appeal=appeal_id).first()
    if seat is None:
        raise NotHere
    return seat


def held_appeal(member: Member | None, appeal_id: int) -> Appeal:
    """An appeal, locked, to one of its panel; to nobody in particular (None) for what the house does itself. Raises NotHere."""
    if member is not None:
        seat_for(member, appeal_id)
    appeal = Appeal.objects.select_for_update().filter(pk=appeal_id).first()
    if appeal is None:
        raise NotHere
    return appeal


def held_seat(appeal: Appeal, member: Member) -> Seat:
    """The member's seat that waits for their answer, in a locked appeal. Raises NotAllowed when there is nothing to answer."""
    seat = appeal.seats.filter(member=member, left_at=None).first()
    if seat is None:
        raise NotHere
    if appeal.ended_at or seat.answered_at:
        raise NotAllowed("You have answered already." if seat.answered_at else "This appeal has been heard. Thank you.")
    return seat


def appeal_against_it(decision: Decision) -> Appeal | None:
    return Appeal.objects.filter(decision=decision).first()


def voices_in(appeal: Appeal | None) -> QuerySet[Seat]:
    """What the panel said, once all is over, without who said it: the person who appealed reads it then."""
    if appeal is None or appeal.ended_at is None:
        return Seat.objects.none()
    return appeal.seats.exclude(voice="").order_by("?").only("voice", "reason")
