"""Writing the demonstration into an empty database: in bulk, all or nothing.

No event for each message: nobody is there yet to hear them. One says that it is all there.
"""

import uuid
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zlib import crc32

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from events.catalogue import DemonstrationFilled, JoinRequested, RulesProposed
from events.publish import publish
from frontend import text as member_text
from members.community.proposals import end_of_working_days
from members.community.rules import FIRST
from members.models import (
    BADGE,
    Community,
    Member,
    Organisation,
    Profession,
    RulesProposal,
    RulesVersion,
    Stance,
)
from rooms.actions.direct import begin
from rooms.actions.messages import EVERYONE, post_message
from rooms.commands import PostMessage
from rooms.demonstration.people import PROFESSIONS, Person, people, places
from rooms.demonstration.story import Circle, Said, Topic, circles, times
from rooms.models import JoinRequest, Membership, Mention, Message, Reaction, Reading, Revision, Room, WorkingGroup

MAIL = "demonstration.example"
PURPOSE = (
    "Midwives, nurses, doctors, dietitians, commissioners, academics and women with lived experience who look after "
    "diabetes in pregnancy across London: where the working groups talk between meetings."
)
RULES = Path(__file__).parent / "house-rules.md"
FOUNDED = timedelta(days=420)
AWAY = timedelta(hours=36)
"""How long those one may look around as have not been here: long enough for something new in their rooms."""
BEHIND = (0, 0, 0, 2, 4)
"""Messages that a member has still to read in a room."""
TERMS = {"priya.nair": 12, "callum.frith": -9}
"""Leaders whose term ends in so many days."""
ASKS = ("kemi.lawal", "I hand out the colostrum kits at Lea Valley, and would like to hear what mothers make of them.")
ADDED_LATER = "- **Say what you gain.** If you are paid by a company whose product is talked about, say so.\n"
WHY_ADDED = "Two companies' products were recommended by people who had been paid to speak about them. That is fine, if we know."
PROPOSED = (
    "naomi.clarke",
    "- **Write so that it can be read tired.** Short sentences, and what you ask for first: many of us read this after a shift.",
    "Some posts are longer than the guideline they are about. I read them on the night bus.",
)
"""Who proposes what, and why."""
STANCES = (
    ("priya.nair", "agree", ""),
    ("leila.haddad", "agree", "And put the date of a meeting in the first line."),
    ("tom.reed", "concern", "Some things need their length. Could it say “where you can”?"),
    (
        "callum.frith",
        "object",
        "A rule will keep people quiet who find it hard to be brief. Advice, yes; a rule, no.",
    ),
)
DIRECT = (
    (
        "grace.adeyemi",
        ["priya.nair"],
        [
            (
                "grace.adeyemi",
                "Could I come and sit in on one of your Tuesday lists? I would learn more from that than from any slides.",
            ),
            ("priya.nair", "Gladly. Next Tuesday or the one after, from nine."),
            ("grace.adeyemi", "The one after. I will bring biscuits."),
        ],
    ),
    (
        "leila.haddad",
        ["tom.reed", "naomi.clarke"],
        [
            (
                "leila.haddad",
                "Shall the three of us look at the food list before the group does? I found two dishes nobody cooks.",
            )
        ],
    ),
)
"""Direct conversations: who began them, with whom, and what was said."""
NAMESPACE = uuid.UUID("6f1c0d0e-5a3b-4e52-9d3f-0b1f6c1d7a11")


class NotEmpty(Exception):
    """There are members already: the demonstration never mixes with a community."""


@dataclass
class Batch:
    """Rows to be written together, in an order that the foreign keys allow."""

    messages: list[Message] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    heard: dict[tuple[int, int], int] = field(default_factory=dict)
    """(member, room) → the place of what the member last said there: so far they have certainly read."""


@transaction.atomic
def fill(now: datetime | None = None) -> str:
    """Fill an empty database, and say in a line what is there. Raises NotEmpty."""
    if Member.objects.exists():
        raise NotEmpty("There are members already: the demonstration needs an empty database.")
    now = timezone.localtime(now)
    write_community()
    members = write_members(now)
    batch = Batch()
    for circle in circles():
        write_circle(circle, members, batch, now)
    write(batch)
    write_readings(members, batch, now)
    ask_to_belong(members, now)
    write_rules(members, now)
    publish(DemonstrationFilled())
    write_directly(members)
    return (
        f"The demonstration has {Organisation.objects.count()} organisations, {len(members)} members,"
        f" {len(circles())} working groups, {Room.objects.count()} rooms"
        f" and {len(batch.messages)} messages."
    )


def write_community() -> None:
    """Under the name in settings; a row that an empty database already has stays."""
    said = {
        "name": settings.COMMUNITY_NAME,
        "purpose": PURPOSE,
        "time_zone": settings.TIME_ZONE,
        "may_be_asked": True,
    }
    Community.objects.get_or_create(defaults=said)


def write_rules(members: dict[str, Member], now: datetime) -> None:
    """Two versions, the second from last week, and a proposal that is open. The house rules that a database has already stay."""
    if RulesVersion.objects.exists():
        return
    text = RULES.read_text(encoding="utf-8").strip()
    first = RulesVersion(number=1, text=text.replace(ADDED_LATER, ""), why=FIRST, from_at=now - FOUNDED)
    second = RulesVersion(number=2, text=text, why=WHY_ADDED, from_at=now - timedelta(days=5))
    for version in (first, second):
        version.role = "administrator"
        version.save(force_insert=True)
    # Nobody has seen the second yet, so that whoever looks around is told of it on their first page.
    Member.objects.filter(joined_at__lt=second.from_at).update(rules_agreed=1, rules_seen=1)
    by, proposed, why = PROPOSED
    proposal = RulesProposal.objects.create(
        by=members[by],
        text=f"{text}\n\n{proposed}",
        why=why,
        made_at=now - timedelta(days=2),
        closes_at=end_of_working_days(now),
    )
    for handle, kind, words in STANCES:
        said_at = now - timedelta(hours=1 + spread(handle, 40))
        Stance.objects.create(proposal=proposal, member=members[handle], kind=kind, words=words, said_at=said_at)
    publish(RulesProposed(proposal=proposal.pk, by=proposal.by_id))


# People -----------------------------------------------------------------------------------------------------------------


def write_members(now: datetime) -> dict[str, Member]:
    """Organisations and members, by handle. Nobody has a password: one click signs in."""
    Organisation.objects.bulk_create(Organisation(**asdict(place)) for place in places())
    organisations = {organisation.short_name: organisation for organisation in Organisation.objects.all()}
    professions = write_professions()
    Member.objects.bulk_create(
        [
            member_of(person, organisations[person.organisation], professions.get(person.profession), now)
            for person in people()
        ],
        batch_size=100,
    )
    return {member.handle: member for member in Member.objects.select_related(*BADGE)}


def write_professions() -> dict[str, Profession]:
    """The professions of the lists, by their short names; most are there already, as every community begins with them."""
    named = {short: name for short, name in PROFESSIONS.items() if name}
    Profession.objects.bulk_create((Profession(name=name) for name in named.values()), ignore_conflicts=True)
    found = {profession.name: profession for profession in Profession.objects.all()}
    return {short: found[name] for short, name in named.items()}


def member_of(person: Person, organisation: Organisation, profession: Profession | None, now: datetime) -> Member:
    came = joined(person, now)
    return Member(
        email=f"{person.handle}@{MAIL}",
        handle=person.handle,
        display_name=person.name,
        pronouns=person.pronouns,
        real_name=person.real_name,
        profession=profession,
        organisation=organisation,
        affiliation_confirmed_at=came,
        role=person.role,
        ask_me_about=person.ask_me_about,
        time_zone=person.time_zone,
        is_listed=not person.unlisted,
        password=make_password(None),
        joined_at=came,
    )


def joined(person: Person, now: datetime) -> datetime:
    """Over the community's first year; who belongs to a single group and is written by hand came last week."""
    days = 6 if is_newcomer(person) else 60 + spread(person.handle, 350)
    return now - timedelta(days=days)


def is_newcomer(person: Person) -> bool:
    return bool(person.sign_in) and len(person.groups) == 1


def spread(word: str, below: int) -> int:
    """A number that is the same every time, and different for different words."""
    return crc32(word.encode()) % below


# Groups and rooms -------------------------------------------------------------------------------------------------------


def write_circle(circle: Circle, members: dict[str, Member], batch: Batch, now: datetime) -> None:
    group = WorkingGroup.objects.create(
        name=circle.name,
        slug=circle.slug,
        purpose=circle.purpose,
        kind=WorkingGroup.Kind.BY_REQUEST if circle.by_request else WorkingGroup.Kind.OPEN,
        history=WorkingGroup.History.FROM_JOINING if circle.from_joining else WorkingGroup.History.OPEN,
        created_at=now - FOUNDED,
    )
    belonging = [person for person in people() if circle.slug in person.groups]
    Membership.objects.bulk_create(
        Membership(
            member=members[person.handle],
            group=group,
            role=Membership.Role.LEADER if person.leads == circle.slug else Membership.Role.MEMBER,
            leads_until=term_of(person, now) if person.leads == circle.slug else None,
            joined_at=came(person, circle.slug, now) or members[person.handle].joined_at,
        )
        for person in belonging
    )
    leader = next(members[person.handle] for person in belonging if person.leads == circle.slug)
    for topic in circle.topics:
        write_topic(topic, group, leader, members, batch, now)


def came(person: Person, slug: str, now: datetime) -> datetime | None:
    """When somebody joined a group long after they joined the community."""
    days = person.came_late.get(slug)
    return now - timedelta(days=days) if days else None


def term_of(person: Person, now: datetime) -> date:
    """The end of a leader's term: some time in the coming year, soon for one and just over for another."""
    return (now + timedelta(days=TERMS.get(person.handle, 40 + spread(person.handle, 320)))).date()


def ask_to_belong(members: dict[str, Member], now: datetime) -> None:
    """Somebody who waits for an answer."""
    group, member = WorkingGroup.objects.get(kind=WorkingGroup.Kind.BY_REQUEST), members[ASKS[0]]
    JoinRequest.objects.create(member=member, group=group, words=ASKS[1], asked_at=now - AWAY)
    publish(JoinRequested(group=group.pk, member=member.pk))


def write_directly(members: dict[str, Member]) -> None:
    """A few words between two, and among three, said just now."""
    for first, others, said in DIRECT:
        room = begin(members[first], [members[handle] for handle in others])
        for handle, words in said:
            name = f"{first} {' '.join(others)} {handle} {words}"
            post_message(members[handle], PostMessage(uuid.uuid5(NAMESPACE, name), room.pk, words, None))


def write_topic(
    topic: Topic, group: WorkingGroup, leader: Member, members: dict[str, Member], batch: Batch, now: datetime
) -> None:
    """A room with its messages: first they are all posted, then each later change takes a version of its own."""
    posted = times(topic.said, now)
    room = Room.objects.create(
        group=group,
        name=topic.name,
        about=topic.about,
        opened_by=members[topic.said[0].author],
        opened_at=posted[0] - timedelta(minutes=3),
        last_message_at=posted[-1],
        moved_at=posted[-1],
    )
    said = [
        post(what, place, at, room, members) for place, (what, at) in enumerate(zip(topic.said, posted, strict=True), 1)
    ]
    room.version = len(said)
    for message, what in zip(said, topic.said, strict=True):
        if what.reply_to:
            message.reply_to = said[what.reply_to - 1]
        if what.is_marked:
            room.version += 1
            mark(message, what, room.version, leader, members, batch)
        if not what.removed:
            mention(message, members, batch)
        batch.heard[message.author_id, room.pk] = message.created_version
    if topic.locked or topic.archived:
        room.version += 1
        room.changed_version = room.version
        room.locked_at = posted[-1] + (now - posted[-1]) / 2 if topic.locked else None
        room.archived_at = posted[-1] + (now - posted[-1]) / 2 if topic.archived else None
    room.save()
    batch.messages += said


def post(what: Said, place: int, at: datetime, room: Room, members: dict[str, Member]) -> Message:
    author = members[what.author]
    return Message(
        room=room,
        version=place,
        created_version=place,
        author=author,
        client_id=uuid.uuid5(NAMESPACE, f"{room.pk} {place}"),
        text=what.text,
        profession=author.profession_name,
        organisation_name=author.organisation_name,
        posted_at=at,
    )


def mark(message: Message, what: Said, version: int, leader: Member, members: dict[str, Member], batch: Batch) -> None:
    """What happened to a message after it was posted, as one change."""
    soon = message.posted_at + timedelta(minutes=1)
    if what.before:
        batch.revisions.append(Revision(message=message, text=what.before, version=message.version, replaced_at=soon))
        message.edited_at = soon
    if what.pinned:
        message.pinned_at, message.pinned_by = soon, leader
    if what.removed:
        message.text, message.removed_at = "", soon
    batch.reactions += [
        Reaction(message=message, member=members[handle], reaction=reaction)
        for reaction, handles in what.reactions.items()
        for handle in handles
    ]
    message.version = version


def mention(message: Message, members: dict[str, Member], batch: Batch) -> None:
    handles = member_text.names_mentioned(message.text)
    message.mentions_everyone = EVERYONE in handles
    batch.mentions += [
        Mention(message=message, member=members[handle]) for handle in sorted(handles) if handle in members
    ]


# Rows -------------------------------------------------------------------------------------------------------------------


def write(batch: Batch) -> None:
    """Messages first without what they answer, as those have no ids before."""
    answers = {message.client_id: message.reply_to for message in batch.messages if message.reply_to}
    for message in batch.messages:
        message.reply_to = None
    Message.objects.bulk_create(batch.messages, batch_size=40)
    answering = [message for message in batch.messages if message.client_id in answers]
    for message in answering:
        message.reply_to = answers[message.client_id]
    Message.objects.bulk_update(answering, ["reply_to"], batch_size=100)
    for rows in (batch.mentions, batch.reactions, batch.revisions):
        for row in rows:
            row.message = row.message  # Its id is known only now.
    Mention.objects.bulk_create(batch.mentions)
    Reaction.objects.bulk_create(batch.reactions)
    Revision.objects.bulk_create(batch.revisions)


def write_readings(members: dict[str, Member], batch: Batch, now: datetime) -> None:
    """How far everybody has read: most of it, some of it, and never less than to their own last words."""
    rooms: dict[int, list[Room]] = defaultdict(list)
    for room in Room.objects.all():
        rooms[room.group_id].append(room)
    said: dict[int, list[Message]] = defaultdict(list)
    for message in batch.messages:
        said[message.room_id].append(message)
    person_of = {members[person.handle].pk: person for person in people()}
    readings = []
    for membership in Membership.objects.select_related("group"):
        person = person_of[membership.member_id]
        for room in rooms[membership.group_id]:
            floor = floor_in(room, said[room.pk], came(person, membership.group.slug, now), membership.group)
            heard = batch.heard.get((membership.member_id, room.pk), 0)
            read = max(read_to(person, room, said[room.pk], now), heard, floor)
            readings.append(Reading(member_id=membership.member_id, room=room, version=read, floor=floor))
    Reading.objects.bulk_create(readings, batch_size=200)


def floor_in(room: Room, said: list[Message], came: datetime | None, group: WorkingGroup) -> int:
    """How much of a room was said before somebody came late to a group that keeps it from them."""
    if came is None or group.history == WorkingGroup.History.OPEN:
        return 0
    return sum(message.posted_at < came for message in said)


def read_to(person: Person, room: Room, said: list[Message], now: datetime) -> int:
    """The version a member has read to. Whom one may look around as was last here the day before yesterday; of the
    others many have read everything, and some all but the newest few."""
    if person.sign_in:
        return sum(message.posted_at < now - AWAY for message in said)
    behind = 0 if room.archived_at or room.locked_at else BEHIND[spread(f"{person.handle} {room.name}", len(BEHIND))]
    return len(said) - behind if behind else room.version
