"""Databases that are migrated already: bringing an empty one through all migrations takes seconds, a copy does not.

They are kept in var/migrated from run to run, under a name that changes with any migration and any package: SQLite's as a
file, PostgreSQL's as the folder of a whole server (tests/servers.py), in which each process then copies the database.
"""

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.creation import BaseDatabaseCreation

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "migrated"


@cache
def kept(purpose: str, version: str = "") -> Path:
    """Where the file or folder of these migrations is, or will be. `version`: of what will read it."""
    facts = hashlib.sha256(version.encode())
    for file in [ROOT / "requirements.lock", *sorted(ROOT.glob("*/migrations/*.py"))]:
        facts.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return FOLDER / f"{purpose}-{facts.hexdigest()[:16]}"


def forget_older(purpose: str) -> None:
    """Those of other migrations."""
    for older in FOLDER.glob(f"{purpose}-*"):
        if older.is_dir():
            shutil.rmtree(older)
        else:
            older.unlink()


def copy(source: Path, target: Path) -> None:
    """Whole at once, with what still stands in a journal beside the source."""
    half = target.with_name(f"{target.name}-half")
    half.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(half)) as other:
        one.backup(other)
    half.replace(target)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """The first makes what all others then copy."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def begun_from_copy(file: Path, purpose: str) -> Iterator[None]:
    """Who migrates this SQLite file inside finds it migrated, but for the first time."""
    with one_at_a_time():
        is_first = not kept(purpose).exists()
        if not is_first:
            copy(kept(purpose), file)
        yield
        if is_first:
            forget_older(purpose)
            copy(file, kept(purpose))


def share_test_databases() -> None:
    """From here on Django makes its test database from a copy."""
    as_django_does = BaseDatabaseCreation.create_test_db

    def create(creation: Any, *args: Any, **options: Any) -> str:
        on = in_postgresql if creation.connection.vendor == "postgresql" else in_sqlite
        return on(creation, lambda: as_django_does(creation, *args, **options))

    BaseDatabaseCreation.create_test_db = create  # type: ignore[assignment, method-assign]


def in_sqlite(creation: Any, make: Callable[[], str]) -> str:
    with begun_from_copy(Path(creation.connection.settings_dict["TEST"]["NAME"]), "tests"):
        name = make()
        creation.connection.close()
    return name


def in_postgresql(creation: Any, make: Callable[[], str]) -> str:
    """Copied from the server's own database, in which nobody may be meanwhile."""
    creation.connection.settings_dict["TEST"]["TEMPLATE"] = settings.DATABASES["default"]["NAME"]
    with one_at_a_time():
        return make()
