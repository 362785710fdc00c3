"""Tasks for tests of the worker: each writes into a file that it was here."""

import time
from pathlib import Path

from django.tasks import task


@task
def write(file: str, word: str) -> None:
    with Path(file).open("a") as lines:
        lines.write(f"{word}\n")


@task
def fall_asleep_at_first(file: str) -> None:
    """Who is woken out of it never wrote `done`."""
    is_first = not Path(file).exists()
    write.func(file, "begun")
    if is_first:
        time.sleep(120)
    write.func(file, "done")


@task
def fail(words: str) -> None:
    raise ZeroDivisionError(words)
