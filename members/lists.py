"""The lists that moderators keep: organisations and professions.

An entry is retired rather than deleted. What was written keeps the words it was written with, whatever becomes of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from events.catalogue import Because, CommunityChanged, PowerUsed
from events.publish import publish
from frontend.text import is_blank, one_line
from members import permissions
from members.access import entry_of
from members.models import Member, Organisation, Profession
from members.number_shapes import shapes_in
from members.permissions import allow
from members.refusals import BadRequest, NotHere
from members.requests import whole_number
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens

type Entry = Organisation | Profession
type Typed = Mapping[str, str]
"""Field → what a form brought."""


@dataclass(frozen=True, slots=True)
class KeptList:
    """One of the lists. `called` is one entry of it, `many` are several: so are its addresses named.

    `longest`: its fields in words, and how long each may be.
    """

    model: type[Organisation] | type[Profession]
    called: str
    many: str
    order: tuple[str, ...]
    longest: Mapping[str, int]
    may_be_empty: frozenset[str] = frozenset()

    @property
    def merge_address(self) -> str:
        return f"merge_{self.called}"

    @property
    def retire_address(self) -> str:
        return f"retire_{self.called}"


ORGANISATIONS = KeptList(
    Organisation,
    called="organisation",
    many="organisations",
    order=("name",),
    longest={"name": 120, "short_name": 40, "region": 60},
    may_be_empty=frozenset({"region"}),
)
PROFESSIONS = KeptList(
    Profession, called="profession", many="professions", order=("order", "name"), longest={"name": 60}
)


def entries(kept: KeptList) -> QuerySet[Entry]:
    """The whole list in its order, retired ones too, each with `members_count`."""
    rows: QuerySet[Entry] = kept.model._default_manager.annotate(members_count=Count("members"))
    return rows.order_by(*kept.order)


def offered(kept: KeptList, now: int | None = None) -> QuerySet[Entry]:
    """What a member may choose: what is not retired, and what they have `now`."""
    rows: QuerySet[Entry] = kept.model._default_manager.order_by(*kept.order)
    return rows.filter(retired_at=None) | rows.filter(pk=now)


def entry_for(moderator: Member, kept: KeptList, entry_id: int, *, locked: bool = False) -> Entry:
    """An entry, for somebody who keeps the list. Raises NotAllowed, NotHere."""
    allow(permissions.may_keep_lists(moderator))
    entry = entry_of(kept.model, entry_id, locked=locked)
    if entry is None:
        raise NotHere
    return entry


def organisation_for(moderator: Member, organisation_id: int, *, locked: bool = False) -> Organisation:
    """The same of an organisation. Raises NotAllowed, NotHere."""
    entry = entry_for(moderator, ORGANISATIONS, organisation_id, locked=locked)
    assert isinstance(entry, Organisation)
    return entry


def add_entry(moderator: Member, kept: KeptList, typed: Typed, answered: Answered = NOTHING_ANSWERED) -> Entry:
    """Put an entry on the list. Raises NotAllowed, BadRequest."""
    allow(permissions.may_keep_lists(moderator))
    words = words_of(moderator, kept, typed, answered)
    return write(kept.model(), words, typed)


def change_entry(
    moderator: Member, kept: KeptList, entry_id: int, typed: Typed, answered: Answered = NOTHING_ANSWERED
) -> Entry:
    """Say an entry anew: from now on it stands so beside the names of its members. Raises NotAllowed, NotHere, BadRequest."""
    allow(permissions.may_keep_lists(moderator))
    words = words_of(moderator, kept, typed, answered)
    with transaction.atomic():
        return write(entry_for(moderator, kept, entry_id, locked=True), words, typed)


def words_of(moderator: Member, kept: KeptList, typed: Typed, answered: Answered) -> dict[str, str]:
    """What was typed, by field. Raises BadRequest, or a screen's Refused."""
    words = {field: words_for(kept, field, typed.get(field, "")) for field in kept.longest}
    pass_screens(Draft(moderator, "\n\n".join(words.values()), answered=answered))
    return words


def write(entry: Entry, words: dict[str, str], typed: Typed) -> Entry:
    """Fill an entry with what was typed, and save it. Raises BadRequest."""
    for field, value in {**words, **choices_for(entry, typed)}.items():
        setattr(entry, field, value)
    taken = BadRequest("There is one of that name already. Merge the two if they are one.", field="name")
    others = type(entry)._default_manager.exclude(pk=entry.pk)
    if others.filter(name__iexact=entry.name).exists():
        raise taken
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:
        raise taken from error  # Somebody else added it in the same moment.
    return entry


def words_for(kept: KeptList, field: str, typed: str) -> str:
    line, longest = one_line(typed), kept.longest[field]
    if is_blank(line) and field not in kept.may_be_empty:
        raise BadRequest(f"The {kept.called} needs a {field.replace('_', ' ')}.", code="blank", field=field)
    if len(line) > longest:
        raise BadRequest(f"That is over {longest} characters.", code="too_long", field=field)
    return line


def choices_for(entry: Entry, typed: Typed) -> dict[str, str | int]:
    """What is not words: an organisation's kind, a profession's place in the list."""
    if isinstance(entry, Organisation):
        if typed.get("kind") not in Organisation.Kind.values:
            raise BadRequest("Choose what kind of organisation it is.", field="kind")
        return {"kind": typed["kind"]}
    order = whole_number(typed.get("order") or "0")
    if order is None or order > 999:
        raise BadRequest("The place in the list is a number from 0 to 999.", field="order")
    return {"order": order}


@transaction.atomic
def retire_entry(moderator: Member, kept: KeptList, entry_id: int, *, on: bool) -> Entry:
    """Offer an entry no longer, or again. Who has it keeps it. Raises NotAllowed, NotHere."""
    entry = entry_for(moderator, kept, entry_id, locked=True)
    entry.retired_at = (entry.retired_at or timezone.now()) if on else None
    entry.save(update_fields=["retired_at"])
    return entry


@transaction.atomic
def merge_entries(moderator: Member, kept: KeptList, gone_id: int, into_id: int) -> Entry:
    """Make two entries one: all who have the first now have the second, and the first is gone.

    Both rows are locked in the same order whichever way round they are merged, so that two moderators who merge them
    into each other end with one of the two and not with neither. Raises NotAllowed, NotHere, BadRequest.
    """
    allow(permissions.may_keep_lists(moderator))
    both = {pk: entry_of(kept.model, pk, locked=True) for pk in sorted({gone_id, into_id})}
    gone, into = both[gone_id], both[into_id]
    if gone is None:
        raise NotHere
    if into is None or into == gone or into.retired_at:
        raise BadRequest("Choose another one to merge it into, that is still offered.", field="into")
    # Whatever points at it, on every floor: a floor above cannot be asked, and must not be forgotten.
    for relation in kept.model._meta.related_objects:
        rows = relation.related_model._default_manager.filter(**{relation.field.name: gone})
        rows.update(**{relation.field.name: into})
    if isinstance(gone, Organisation) and isinstance(into, Organisation):
        shapes = [*into.number_shapes.splitlines(), *gone.number_shapes.splitlines()]
        into.number_shapes = "\n".join(dict.fromkeys(shapes))
        into.save(update_fields=["number_shapes"])
    gone.delete()
    return into


@transaction.atomic
def set_number_shapes(moderator: Member, organisation_id: int, typed: str) -> Organisation:
    """Say anew how an organisation's hospital numbers look. It stands in the record, for it decides what everybody may write.

    Raises NotAllowed, NotHere, BadRequest.
    """
    organisation = organisation_for(moderator, organisation_id, locked=True)
    shapes = "\n".join(shapes_in(typed))
    if shapes == organisation.number_shapes:
        return organisation
    organisation.number_shapes = shapes
    organisation.save(update_fields=["number_shapes"])
    publish(CommunityChanged())
    reason = f"{organisation.name}: {', '.join(shapes.splitlines()) or 'no shapes any more'}."
    publish(PowerUsed("shapes", Because(moderator.pk, moderator.get_role_display().lower(), "other", reason)))
    return organisation
