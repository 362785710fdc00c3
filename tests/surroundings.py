"""What every test run stands on. pytest loads it (see pyproject.toml) before Django reads its settings.

- Nothing from the shell or from `.env` reaches the tests.
- TEST_DATABASE=postgres runs only the tests that touch the database, on a private PostgreSQL.
- TEST_TALLY=FILE gets a line "passed failed" at the end, so that ./test can add up its runs.
"""

import atexit
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests.servers import ROOT, PostgreSQL

ON_POSTGRESQL = os.environ.get("TEST_DATABASE", "sqlite") == "postgres"

# Fixtures of pytest-django through which a test without its mark comes to the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}

WRITTEN_BY_MIGRATING = {"django_content_type", "auth_permission"}
"""Rows that no test writes, and that are there again after Django's own way of emptying."""


def settle() -> None:
    for name in re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        if name != "DATABASE_URL" or not is_worker():
            os.environ.pop(name, None)
    os.environ |= {"ENV_FILE": "", "SECRET_KEY": "only for tests, the same in every process of a test"}
    if not is_worker():
        os.environ["DATABASE_URL"] = (
            PostgreSQL(migrated=True).start().url if ON_POSTGRESQL else f"sqlite:///{memory()}/main.sqlite3"
        )
    os.environ["FOLDER"] = f"{memory()}/kept"


def is_worker() -> bool:
    """One of several that pytest-xdist started; their parent has made the database for all."""
    return "PYTEST_XDIST_WORKER" in os.environ


def memory() -> Path:
    """A folder for SQLite's files, where waiting for the disk costs nothing.

    A file and not SQLite's own memory database: that one locks whole tables, and our threads would fail as
    they never do in production.
    """
    folder = tempfile.mkdtemp(prefix="rt-", dir="/dev/shm" if Path("/dev/shm").is_dir() else "/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


settle()


def pytest_configure(config: pytest.Config) -> None:
    # Otherwise a run that is told to end leaves its servers behind.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))
    # Server and files go afterwards; dropping databases first would have to wait for all who use them.
    config.option.reuse_db = True
    from django.conf import settings
    from django.test import TransactionTestCase

    from tests.migrated import share_test_databases

    TransactionTestCase._fixture_teardown = forget_rows  # type: ignore[attr-defined]
    share_test_databases()
    # Static files as they lie in the checkout: nothing was gathered for this run.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = None, True
    # Looked for when one is asked for: each test client would list them all before its first request.
    settings.WHITENOISE_AUTOREFRESH = True
    if not ON_POSTGRESQL:
        database = settings.DATABASES["default"]
        database.setdefault("TEST", {})["NAME"] = str(Path(database["NAME"]).with_name("test.sqlite3"))


def forget_rows(_: object) -> None:
    """What follows a test with real commits: no row is left.

    Django's own way empties every table there is, and then looks through all models for permissions to write: on
    PostgreSQL that takes longer than most tests.
    """
    from django.core.management.color import no_style
    from django.db import connection

    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        filled = {table for (table,) in cursor} - WRITTEN_BY_MIGRATING
    if connection.vendor == "postgresql":
        # The name of a new and empty file for each table and index is what TRUNCATE takes its time for.
        statements = ["SET LOCAL session_replication_role = replica"]  # Nobody asks what points at a row: all go.
        statements += [f"DELETE FROM {connection.ops.quote_name(table)}" for table in sorted(filled)]
    else:
        statements = connection.ops.sql_flush(no_style(), sorted(filled))
    connection.ops.execute_sql_flush(statements)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The rest would only run a second time in the same way."""
    if ON_POSTGRESQL:
        others = [item for item in items if not touches_database(item)]
        items[:] = [item for item in items if touches_database(item)]
        config.hook.pytest_deselected(items=others)


def touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tally = os.environ.get("TEST_TALLY")
    if tally and not is_worker():
        counts = {name: len(terminalreporter.stats.get(name, [])) for name in ("passed", "failed", "error")}
        with Path(tally).open("a") as file:
            file.write(f"{counts['passed']} {counts['failed'] + counts['error']}\n")
