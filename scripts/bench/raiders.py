"""The moderator's part in the raid of the benchmark, in the server's database.

python -m scripts.bench.raiders hold OTHERS    everything waits for a look, except what the last OTHERS members write, who lead
python -m scripts.bench.raiders clear          all that waits is declined in one act; prints what it took
"""

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Community, Member
from moderation.holding import Chosen, Why, decline_all
from rooms.models import HeldPost, Membership, Message


def main() -> None:
    if sys.argv[1] == "hold":
        hold(int(sys.argv[2]))
    else:
        print(json.dumps(clear()))


def hold(others: int) -> None:
    leading = Membership.objects.order_by("-pk")[:others].values_list("pk", flat=True)
    Membership.objects.filter(pk__in=list(leading)).update(role=Membership.Role.LEADER)
    Community.objects.create(name="Raided", time_zone="UTC", held_at=timezone.now())
    Member.objects.create_user("mo@example.org", handle="mo", display_name="Mo", role=Member.Role.MODERATOR)


def clear() -> dict[str, float]:
    raiders = HeldPost.objects.values("author")
    shown = Message.objects.filter(author__in=raiders).count()
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        declined = decline_all(Member.objects.get(handle="mo"), Chosen(minutes=60), Why("advert", "A raid"))
    return {"seconds": time.perf_counter() - began, "declined": declined, "shown": shown, "queries": len(asked)}


if __name__ == "__main__":
    main()
