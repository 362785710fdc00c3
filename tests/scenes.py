"""Scenes that are played once and then put back: what the cast goes through to be there takes longer than most tests.

A scene is played by what members do, in a transaction that is undone. Every row that it wrote is then put into the database
of this test and of each later one: under the same number, and as long ago as it was when played.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from members.models import Member, Profession


@dataclass
class Played:
    """What a scene returned, and all rows it wrote."""

    outcome: Any
    rows: dict[type[Model], list[Model]]
    at: datetime


class Scene[Outcome]:
    """scene = Scene(assemble); cast = scene.put_in_place()

    Only for a test whose rows are undone: what lives on between tests, like who has a room open, knows rooms by their numbers.
    """

    def __init__(self, play: Callable[[], Outcome]) -> None:
        self.play = play
        self.played: dict[tuple[bool, date], Played] = {}
        """With the professions that migrating writes or without, as a test with real commits leaves it; and for each day."""

    @transaction.atomic
    def put_in_place(self) -> Outcome:
        if Member.objects.exists():
            return self.play()  # Some of the numbers are taken.
        found = Profession.objects.exists(), timezone.localdate()
        if found not in self.played:
            self.played[found] = played_and_undone(self.play)
        scene = self.played[found]
        later = timezone.now() - scene.at
        for model, rows in scene.rows.items():
            move_on(rows, later)
            model._base_manager.bulk_create(rows)
        move_on(scene.outcome, later)
        scene.at += later
        outcome: Outcome = deepcopy(scene.outcome)
        return outcome


def played_and_undone(play: Callable[[], Any]) -> Played:
    with transaction.atomic():
        before = {model: {row.pk for row in rows} for model, rows in everything()}
        outcome = play()
        # Its end: put back, nothing of it may lie ahead of the test that begins then.
        at = timezone.now()
        written = {model: [row for row in rows if row.pk not in before[model]] for model, rows in everything()}
        transaction.set_rollback(True)
    return Played(outcome, {model: rows for model, rows in written.items() if rows}, at)


def everything() -> Iterator[tuple[type[Model], list[Model]]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model, list(model._base_manager.all())


def move_on(story: Any, later: timedelta) -> None:
    """All moments of the rows in it are later by so much."""
    for row in {id(row): row for row in rows_in(story)}.values():
        for field in row._meta.concrete_fields:
            moment = getattr(row, field.attname)
            if isinstance(moment, datetime):
                setattr(row, field.attname, moment + later)


def rows_in(story: Any) -> Iterator[Model]:
    if isinstance(story, Model):
        yield story
    elif is_dataclass(story):
        yield from rows_in(vars(story))
    elif isinstance(story, dict | list | tuple):
        for part in story.values() if isinstance(story, dict) else story:
            yield from rows_in(part)
