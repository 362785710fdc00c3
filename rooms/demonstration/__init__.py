"""A wholly invented community to look around in: people, rooms and conversations, kept as text that anybody can edit.

`organisations.csv` and `people.csv` say who there is, `conversations/*.md` what they say; `story` and `people` read
them without touching a database, `fill` writes them into one.
"""

from rooms.demonstration.people import written_people


def sign_ins() -> list[tuple[str, str]]:
    """The members to look around as, by handle, each with a line that says who it is."""
    return [(person.handle, person.sign_in) for person in written_people() if person.sign_in]
