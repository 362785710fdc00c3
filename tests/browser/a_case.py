"""The case of a message in a server's database, or with `warn` the number of a decision about its author.

Run by the server under test: roundtable.run("-m", "tests.browser.a_case", "12").
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from members.models import Member
from moderation.actions import Order, decide
from moderation.models import Case, Decision


def main() -> None:
    case = Case.objects.get(key=f"message:{sys.argv[1]}")
    if sys.argv[2:] == ["warn"]:
        moderator = Member.objects.get(handle="mo")
        order = Order("warn", "unkind", "Words that hurt.", "Please say it another way.")
        decide(moderator, case.pk, case.version, order, and_close=False)
        print(Decision.objects.latest("number").number)
    else:
        print(case.pk)


if __name__ == "__main__":
    main()
