"""Sets the stage in a server's database and prints, as JSON, what a browser test has to know.

Run by the server under test: roundtable.run("-m", "tests.browser.stage").
"""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from django.db import transaction

from members.models import Member, Organisation
from rooms.actions.groups import begin_membership
from tests.cast import assemble, person
from tests.moderation.guard_cases import SHAPES
from tests.speaking import session_of


def main() -> None:
    cast = assemble()
    Organisation.objects.update(number_shapes="\n".join(SHAPES))
    ada = person("ada", role=Member.Role.ADMINISTRATOR)
    omar = person("omar")
    with transaction.atomic():
        begin_membership(omar, cast.workshop)
    people = {
        member.handle: {"id": member.pk, "session": session_of(member)}
        for member in (cast.alice, cast.bob, cast.lena, cast.mo, cast.charlie, ada, omar)
    }
    print(json.dumps({"people": people, "room": cast.supper.pk, "group": cast.workshop.pk}))


if __name__ == "__main__":
    main()
