"""The cast: who belongs where. Every test is a story about these people.

Alice  a diabetes specialist midwife at St Example's; belongs to the Workshop, and opened the room Supper
Bob    a dietitian at Lea Valley; belongs to the Workshop
Lena   an obstetrician; leads the Workshop
Mo     a moderator; belongs to the Workshop
Charlie an outsider: signed in, belongs to nothing, must see nothing of the Workshop
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from members.models import Member, Organisation, Profession
from rooms.actions.groups import begin_membership
from rooms.models import Membership, Room, WorkingGroup

A_MONTH = timedelta(days=30)
"""So long everybody has been here already: nobody is a newcomer."""


@dataclass(frozen=True)
class Cast:
    alice: Member
    bob: Member
    lena: Member
    mo: Member
    charlie: Member
    workshop: WorkingGroup
    supper: Room
    """A room of the Workshop, empty at first, opened by Alice."""


def person(handle: str, **fields: Any) -> Member:
    fields = {"display_name": handle.title(), "joined_at": timezone.now() - A_MONTH, **fields}
    if "profession" in fields:
        # A test with real commits leaves no professions behind for the next one.
        fields["profession"], _ = Profession.objects.get_or_create(name=fields["profession"])
    return Member.objects.create_user(f"{handle}@example.org", handle=handle, **fields)


@transaction.atomic
def assemble() -> Cast:
    """Bring the cast into the database."""
    st_examples = Organisation.objects.create(
        name="St Example's University Hospitals", short_name="St Example's", kind=Organisation.Kind.TRUST
    )
    workshop = WorkingGroup.objects.create(name="Workshop", slug="workshop", purpose="Where the stories happen.")
    alice = person("alice", profession="Diabetes specialist midwife", organisation=st_examples)
    bob = person("bob", profession="Dietitian")
    lena = person("lena", profession="Obstetrician")
    mo = person("mo", role=Member.Role.MODERATOR)
    charlie = person("charlie")
    for member in (alice, bob, mo):
        begin_membership(member, workshop)
    begin_membership(lena, workshop, Membership.Role.LEADER)
    supper = Room.objects.create(group=workshop, name="Supper", about="What to eat.", opened_by=alice)
    return Cast(alice, bob, lena, mo, charlie, workshop, supper)
