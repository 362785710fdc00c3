"""Who there is: the members written by hand, and the many who mostly read, made from lists of names.

Nobody is drawn by chance: the same lists give the same community every time.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count, cycle
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
PROFESSIONS = {
    "specialist_midwife": "Diabetes specialist midwife",
    "specialist_nurse": "Diabetes specialist nurse",
    "midwife": "Midwife",
    "obstetrician": "Obstetrician",
    "diabetologist": "Diabetologist",
    "dietitian": "Dietitian",
    "gp": "GP",
    "pharmacist": "Pharmacist",
    "psychologist": "Psychologist",
    "commissioner": "Commissioner",
    "academic": "Academic",
    "lived_experience": "Lived experience",
    "charity_worker": "Charity worker",
    "manager": "Service manager",
    "other": "",
}
"""The professions by their short names in these lists; `other` is none of them."""


@dataclass(frozen=True)
class Place:
    """An organisation."""

    name: str
    short_name: str
    kind: str
    region: str
    number_shapes: str


@dataclass(frozen=True)
class Person:
    """A member, with the slugs of their groups. `sign_in` is set for those one may look around as.

    `came_late`: slugs of groups that they joined lately, with the days since then: `lived@9` in `people.csv`.
    """

    name: str
    profession: str
    organisation: str
    groups: tuple[str, ...]
    leads: str = ""
    role: str = "member"
    ask_me_about: str = ""
    sign_in: str = ""
    pronouns: str = ""
    real_name: str = ""
    time_zone: str = ""
    unlisted: str = ""
    came_late: Mapping[str, int] = field(default_factory=dict)

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
    joined = [short.partition("@") for short in row.pop("groups").split()]
    groups = tuple(GROUPS[short] for short, _, _ in joined)
    came_late = {GROUPS[short]: int(days) for short, _, days in joined if days}
    leads = row.pop("leads")
    return Person(groups=groups, leads=GROUPS[leads] if leads else "", came_late=came_late, **row)


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
SUBJECTS = {
    "specialist_midwife": (
        "Starting insulin in clinic",
        "",
        "Booking, screening and who is missed",
        "Type 2 and late booking",
        "",
    ),
    "midwife": ("", "Colostrum before birth", "", "Postnatal wards on a Sunday", "Community visits by bicycle", ""),
    "specialist_nurse": (
        "Sensors and swimming",
        "",
        "Young adults moving to adult clinics",
        "Insulin pens, all of them",
    ),
    "obstetrician": (
        "",
        "Twins and diabetes",
        "Training days for registrars",
        "",
        "Planned caesareans and fasting lists",
    ),
    "diabetologist": ("Kidneys and pregnancy", "", "Eyes, and chasing the screening"),
    "dietitian": ("After bariatric surgery", "", "Coeliac and type 1", "Teaching in Gujarati"),
    "lived_experience": ("", "Type 1 and twins", "", "Gestational diabetes three times", "A very long induction", ""),
    "gp": ("", "Six-week checks", "Coding, sadly", ""),
    "pharmacist": ("", "Insulin on discharge", "Formularies"),
    "academic": ("", "Routine data and its holes", "Recruiting fairly"),
    "commissioner": ("", "Outcome measures", ""),
    "manager": ("Clinic rooms, or the lack of them", "", ""),
    "charity_worker": ("", "Grants, and reporting on them", ""),
    "psychologist": ("", "Needles", "Distress and diabetes"),
}
"""What the quieter half likes to be asked about; many have not said."""


def quiet_people() -> Iterator[Person]:
    """Members without end, each different from the one before in every respect."""
    professions = set(QUIET_PROFESSIONS)
    workplaces = {profession: cycle(workplaces_of(profession)) for profession in professions}
    interests = {profession: cycle(INTERESTS.get(profession, OTHER_INTERESTS)) for profession in professions}
    subjects = {profession: cycle(SUBJECTS.get(profession, ("",))) for profession in professions}
    for profession, name in zip(cycle(QUIET_PROFESSIONS), names(), strict=False):
        yield Person(
            name=name,
            profession=profession,
            organisation=next(workplaces[profession]),
            groups=tuple(GROUPS[short] for short in next(interests[profession]).split()),
            ask_me_about=next(subjects[profession]),
        )


def names() -> Iterator[str]:
    """Names without end, from each line of `names.txt` in turn: first names, a bar, family names that go with them."""
    lines = [[words(part) for part in line.split("|")] for line in (HERE / "names.txt").read_text("utf-8").splitlines()]
    for turn in count():
        firsts, families = lines[turn % len(lines)]
        place = turn // len(lines)
        yield f"{firsts[place % len(firsts)]} {families[(4 + 3 * place + place // len(firsts)) % len(families)]}"


def workplaces_of(profession: str) -> list[str]:
    """Where members of a profession work; each profession starts at another place, so that all meet everywhere."""
    if profession == "gp":
        return ["Bridgefoot GPs"]
    kind = KIND_OF_PLACE.get(profession, "trust")
    found = [place.short_name for place in places() if place.kind == kind]
    start = QUIET_PROFESSIONS.index(profession) * 4 % len(found)
    return found[start:] + found[:start]
