"""The screen that stops what tells who a patient is, and asks where it cannot tell.

What it finds is kept nowhere: a refusal holds places and sentences, the tally only that something of a kind was found.
"""

from collections.abc import Sequence
from typing import TypedDict

from members.community.facts import the_community
from members.models import Organisation
from members.refusals import AboutWords, Asks
from members.screens import Draft
from moderation.guard.looking import Finding, Level, look, rules
from moderation.guard.rewriting import replacements
from moderation.guard.tally import count

MY_OWN_STORY = "my_own_story"
"""Among what is `answered`: the author writes of themselves. Their own dates and weeks are theirs to tell."""


class NamesAPatient(AboutWords):
    """What tells who a patient is, beyond doubt."""

    code = "names_a_patient"
    status = 422


class AboutAPatient(Asks):
    code = "about_a_patient"


class PictureOfSomebody(Asks):
    code = "picture_of_somebody"


def patient_data(draft: Draft) -> None:
    """Raises NamesAPatient, AboutAPatient or PictureOfSomebody.

    What is said to moderators about others' words is not asked about: nobody who reports such words should have to explain.
    """
    shapes = the_community().number_shapes
    found, story = look(draft.text, shapes=shapes), ""
    if found.level is not Level.NOTHING and tells_own_story(draft):
        found, story = look(draft.text, own_story=True, shapes=shapes), "_own"
    if found.level is Level.SURE:
        count("stopped", found.kinds)
        raise NamesAPatient(sentence(f"stop{story}", found), **marked(found, draft.text))
    if draft.kind == "report":
        return
    if found.level is Level.DOUBT and is_open(AboutAPatient, draft, found.kinds):
        raise AboutAPatient(
            sentence(f"ask{story}", found), go_on=rules().sentences["go_on"], **marked(found, draft.text)
        )
    if draft.pictures and is_open(PictureOfSomebody, draft, ["picture"]):
        raise PictureOfSomebody(rules().sentences["picture"], go_on=rules().sentences["go_on_picture"])


def is_open(question: type[Asks], draft: Draft, kinds: Sequence[str]) -> bool:
    """Whether its author has not answered a question yet. Counted either way."""
    is_answered = question.code in draft.answered
    count("went_on" if is_answered else "asked", kinds)
    return not is_answered


class Places(TypedDict):
    marks: list[tuple[int, int]]
    instead: list[str]


def marked(found: Finding, text: str) -> Places:
    """Where it stands, and neutral words for each place."""
    places = [(mark.start, mark.end) for mark in found.marks]
    return {"marks": places, "instead": replacements(text, found.marks)}


def tells_own_story(draft: Draft) -> bool:
    """Whether the author says so, or comes from people with lived experience."""
    if MY_OWN_STORY in draft.answered:
        return True
    organisation = draft.author.organisation if draft.author else None
    return organisation is not None and organisation.kind == Organisation.Kind.LIVED_EXPERIENCE


def sentence(name: str, found: Finding) -> str:
    """With the kinds of what was found: “an NHS number and a date of birth”."""
    said = list(dict.fromkeys(rules().said[kind] for kind in found.kinds))
    return rules().sentences[name].format(" and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said))
