"""Who there is: the members written by hand, and the many who mostly read, made from lists of names.

Nobody is drawn by chance: the same lists give the same community every time.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
MEMBERS = 240
GROUPS = {
    "dsm": "diabetes-specialist-midwives",
    "modern": "modernisation-and-technology",
    "late": "presentation-post-34-weeks",
    "precon": "preconception-and-care-after-gdm",
    "cgm": "continuous-glucose-monitoring",
    "lived": "lived-experience",
}
"""The short names of the working groups in `people.csv`, and the files of their conversations."""


@dataclass(frozen=True)
class Place:
    """An organisation."""

    name: str
    short_name: str
    kind: str
    region: str


@dataclass(frozen=True)
class Person:
    """A member, with the slugs of their groups. `sign_in` is set for those one may look around as."""

    name: str
    profession: str
    organisation: str
    groups: tuple[str, ...]
    leads: str = ""
    role: str = "member"
    ask_me_about: str = ""
    sign_in: str = ""

    @property
    def handle(self) -> str:
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        return re.sub(r"[^a-z.-]", "", plain.replace(" ", "."))


@cache
def places() -> tuple[Place, ...]:
    return tuple(Place(**row) for row in rows("organisations.csv"))


@cache
def written_people() -> tuple[Person, ...]:
    """Those who speak and lead."""
    return tuple(written(row) for row in rows("people.csv"))


def written(row: dict[str, str]) -> Person:
    groups = tuple(GROUPS[short] for short in row.pop("groups").split())
    leads = row.pop("leads")
    return Person(groups=groups, leads=GROUPS[leads] if leads else "", **row)


@cache
def people() -> tuple[Person, ...]:
    """The whole membership: 240, with handles of their own."""
    found = {person.handle: person for person in written_people()}
    quiet = quiet_people()
    while len(found) < MEMBERS:
        person = next(quiet)
        found.setdefault(person.handle, person)
    return tuple(found.values())


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Those who mostly read --------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = words("""Abena Adrienne Alice Amal Amara Anita Asha Ayesha Bernadette Bridget Camille Carys Chidi Claire Dawn
Elif Emeka Esther Fiona Funmi Gaia Georgia Habiba Hilary Ines Ioana Jasmine Joy Julia Kavita Keisha Khadija Lorna Mariam
Megan Mei Mina Miriam Monique Nasreen Nicola Nina Omar Orla Patience Pooja Rebecca Rohan Rukhsana Samira Sinead Stella
Sumaya Tamsin Thandi Uma Violet Wei Yasmin Zainab""")
FAMILY_NAMES = words("""Acheampong Ahmed Bajwa Barrow Chaudhry Cole Danso Davies Duarte Evans Fofana Garner Hughes Ibrahim
Iqbal Jardine Kapoor Kaya Lister Mahmood Marsh Mensah Moyo Nguyen Ofori Oyelaran Patel Quinn Rees Sandhu Silva Tan
Thorne Ullah Vance Walsh Xu Yeboah Zielinska""")
QUIET_PROFESSIONS = words("""specialist_midwife midwife specialist_nurse obstetrician dietitian midwife diabetologist
specialist_midwife lived_experience gp specialist_nurse obstetrician pharmacist academic commissioner midwife manager
charity_worker psychologist lived_experience""")
KIND_OF_PLACE = {
    "lived_experience": "lived_experience",
    "charity_worker": "charity",
    "academic": "university",
    "commissioner": "commissioner",
}
"""Where a profession works, if not in a hospital."""
INTERESTS = {
    "specialist_midwife": ("dsm late", "dsm", "dsm cgm", "dsm modern", "dsm precon"),
    "midwife": ("dsm", "late", "modern"),
    "specialist_nurse": ("cgm", "cgm precon", "cgm modern"),
    "obstetrician": ("late", "late precon", "late modern"),
    "diabetologist": ("cgm", "cgm late", "cgm precon"),
    "dietitian": ("precon", "cgm precon", "cgm"),
    "lived_experience": ("lived", "lived precon", "lived cgm"),
    "charity_worker": ("lived precon", "precon"),
    "psychologist": ("lived", "late"),
    "pharmacist": ("modern cgm", "late"),
}
OTHER_INTERESTS = ("modern", "precon", "modern precon")


def quiet_people() -> Iterator[Person]:
    """Members without end, each different from the one before in every respect."""
    names = zip(cycle(FIRST_NAMES), cycle(FAMILY_NAMES), strict=False)
    workplaces = {kind: cycle(of_kind(kind)) for kind in {place.kind for place in places()}}
    interests = {profession: cycle(INTERESTS.get(profession, OTHER_INTERESTS)) for profession in set(QUIET_PROFESSIONS)}
    for profession, (first, family) in zip(cycle(QUIET_PROFESSIONS), names, strict=False):
        yield Person(
            name=f"{first} {family}",
            profession=profession,
            organisation="Bridgefoot GPs"
            if profession == "gp"
            else next(workplaces[KIND_OF_PLACE.get(profession, "trust")]),
            groups=tuple(GROUPS[short] for short in next(interests[profession]).split()),
        )


def of_kind(kind: str) -> list[str]:
    return [place.short_name for place in places() if place.kind == kind]
