"""Whoever sets up a server and makes a slip hears at once which variable it was, in words they understand."""

import ast
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatserver import env
from chatserver.env import ROOT, BadSetting

type Surroundings = Callable[..., None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Surroundings]:
    """given(PORT="80", dotenv="DEBUG=1"): just these variables and this .env file."""

    def set_up(*, dotenv: str = "", **variables: str) -> None:
        (tmp_path / ".env").write_text(dotenv)
        monkeypatch.setattr(os, "environ", {**variables, "ENV_FILE": str(tmp_path / ".env")})
        env._dotenv.cache_clear()

    monkeypatch.setattr(env, "ROOT", tmp_path)
    yield set_up
    env._dotenv.cache_clear()


def test_the_environment_wins_over_the_file_and_an_empty_value_means_the_default(given: Surroundings) -> None:
    given(PORT="9000", HOST="", dotenv="# where\nPORT=70\nHOST=0.0.0.0\nexport COMMUNITY_NAME='The Workshop'\n")

    assert env.number("PORT", 8000) == 9000
    assert env.text("HOST", "127.0.0.1") == "127.0.0.1"
    assert env.text("COMMUNITY_NAME", "Roundtable") == "The Workshop"


@pytest.mark.parametrize(
    ("name", "value", "read", "complaint"),
    [
        ("PORT", "http", lambda: env.number("PORT", 8000), "PORT: must be a whole number, but it is 'http'."),
        ("PORT", "0", lambda: env.number("PORT", 1, at_least=1), "PORT: must be 1 or more, but it is 0."),
        ("DEMO", "perhaps", lambda: env.flag("DEMO", False), "DEMO: must be 1 or 0, but it is 'perhaps'."),
        ("TIME_ZONE", "London", lambda: env.time_zone("TIME_ZONE", "UTC"), "such as Europe/London"),
        ("TIME_ZONE", "../UTC", lambda: env.time_zone("TIME_ZONE", "UTC"), "such as Europe/London"),
        ("LOG_LEVEL", "loud", lambda: env.choice("LOG_LEVEL", "INFO", ["INFO", "ERROR"]), "INFO, ERROR"),
        ("SITE_URL", "rooms.example.org", lambda: env.site_url("SITE_URL", ""), "such as https://rooms"),
        ("SITE_URL", "https://a.org/rooms", lambda: env.site_url("SITE_URL", ""), "such as https://rooms"),
        (
            "DATABASE_URL",
            "mysql://me:secret@db/x",
            lambda: env.database("DATABASE_URL", ""),
            "must start with",
        ),
        ("DATABASE_URL", "sqlite:///:memory:", lambda: env.database("DATABASE_URL", ""), "must name a file"),
        (
            "DATABASE_URL",
            "postgres://me:secret@db",
            lambda: env.database("DATABASE_URL", ""),
            "name a database",
        ),
        (
            "DATABASE_URL",
            "postgres://:secret@db:x/y",
            lambda: env.database("DATABASE_URL", ""),
            "not an address",
        ),
        ("CLAMD_URL", "localhost:3310", lambda: env.socket_address("CLAMD_URL"), "the form tcp://"),
        ("CLAMD_URL", "tcp://localhost", lambda: env.socket_address("CLAMD_URL"), "the form tcp://"),
        ("CLAMD_URL", "unix://clamd", lambda: env.socket_address("CLAMD_URL"), "unix:///path"),
        (
            "MAIL_IN_DOMAIN",
            "me@example.org",
            lambda: env.mail_domain("MAIL_IN_DOMAIN"),
            "the part of an address after @",
        ),
        ("MAIL_IN", "127.0.0.1:8024", lambda: env.mail_listener("MAIL_IN"), "the form lmtp://"),
        ("MAIL_IN", "lmtp://127.0.0.1", lambda: env.mail_listener("MAIL_IN"), "the form lmtp://"),
        (
            "MAIL_WEBHOOK_SECRET",
            "me:secret",
            lambda: env.webhook_secret("MAIL_WEBHOOK_SECRET"),
            "the form name:password",
        ),
        ("SECRET_KEY", "secret", lambda: env.secret("SECRET_KEY"), "32 characters or more"),
        ("SECRET_KEY_FILE", "/nowhere", lambda: env.secret("SECRET_KEY"), "cannot read the file /nowhere"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    given: Surroundings, name: str, value: str, read: Callable[[], Any], complaint: str
) -> None:
    given(**{name: value})

    with pytest.raises(BadSetting) as refusal:
        read()

    assert str(refusal.value).startswith(f"{name}: ")
    assert complaint in str(refusal.value)
    assert "secret" not in str(refusal.value)  # it may end up in a log


def test_a_line_of_the_file_that_is_no_assignment_is_refused_by_its_number(given: Surroundings) -> None:
    given(dotenv="PORT=8000\nDEBUG 1\n")

    with pytest.raises(BadSetting, match=r"\.env, line 2: must have the form NAME=value"):
        env.flag("DEBUG", False)


def test_any_host_is_refused_because_it_would_open_the_websocket_to_any_site(given: Surroundings) -> None:
    given(ALLOWED_HOSTS="localhost, *")

    with pytest.raises(BadSetting, match="ALLOWED_HOSTS"):
        env.hosts("ALLOWED_HOSTS", [], site_url="http://localhost")


def test_the_host_people_type_is_always_answered(given: Surroundings) -> None:
    given(ALLOWED_HOSTS="chat.internal")

    assert env.hosts("ALLOWED_HOSTS", [], site_url="https://rooms.org") == ["chat.internal", "rooms.org"]
    assert env.hosts("ALLOWED_HOSTS", [], site_url="http://[::1]:8000") == ["chat.internal", "[::1]"]


def test_a_secret_is_made_once_and_stays_the_owners(given: Surroundings, tmp_path: Path) -> None:
    given()

    first = env.secret("SECRET_KEY")

    assert env.secret("SECRET_KEY") == first
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret_key"]


def test_a_secret_may_stand_in_a_file_but_not_in_two_places(given: Surroundings, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")

    given(SECRET_KEY_FILE=str(tmp_path / "key"))
    assert env.secret("SECRET_KEY") == "k" * 40

    given(SECRET_KEY_FILE=str(tmp_path / "key"), SECRET_KEY="v" * 40)
    with pytest.raises(BadSetting, match="Set one of them"):
        env.secret("SECRET_KEY")


def test_a_password_of_postgresql_may_have_any_character(given: Surroundings) -> None:
    given(DATABASE_URL="postgres://ro%40und:p%2Fw%3A@db:5433/table?sslmode=require", DB_POOL_SIZE="3")

    database = env.database("DATABASE_URL", "")

    assert {name: database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "ro@und",
        "PASSWORD": "p/w:",
        "HOST": "db",
        "PORT": "5433",
        "NAME": "table",
    }
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 3


def test_postgresql_may_be_reached_by_its_socket(given: Surroundings) -> None:
    given(DATABASE_URL="postgres:///table?host=/run/postgresql")

    database = env.database("DATABASE_URL", "")

    assert (database["HOST"], database["NAME"]) == ("/run/postgresql", "table")
    assert "host" not in database["OPTIONS"]


def test_sqlite_lies_under_the_checkout_or_at_an_absolute_path(given: Surroundings, tmp_path: Path) -> None:
    given()

    assert env.database("DATABASE_URL", "sqlite:///var/a.sqlite3")["NAME"] == tmp_path / "var" / "a.sqlite3"
    absolute = env.database("DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere/b.sqlite3")["NAME"]
    assert absolute == tmp_path / "elsewhere" / "b.sqlite3"
    assert absolute.parent.is_dir()


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-m", "chatserver.serve"]])
def test_a_slip_stops_the_start_with_one_line(command: list[str]) -> None:
    started = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PORT": "eighty"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert started.returncode != 0
    assert started.stderr.strip() == "error: PORT: must be a whole number, but it is 'eighty'."


def test_every_variable_is_explained_and_shown_with_its_default() -> None:
    explained = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read = dict(pair for file in ROOT.glob("chatserver/**/*.py") for pair in variables_read_in(file))

    assert set(explained) - {"SECRET_KEY_FILE"} == set(read)
    assert {name: default for name, default in read.items() if default not in (None, explained[name])} == {}


READERS = {
    *("text", "flag", "number", "words", "choice"),
    *(
        "time_zone",
        "site_url",
        "hosts",
        "secret",
        "database",
        "mailer",
        "sign_in_providers",
        "files_storage",
        "socket_address",
        "mail_domain",
        "mail_listener",
        "webhook_secret",
    ),
}


def variables_read_in(file: Path) -> Iterator[tuple[str, str | None]]:
    """Every env.number("PORT", 8000) and the like: the variable, and its default as one would write it."""
    prefix = "" if file.name == "env.py" else "env."
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {prefix + reader for reader in READERS}:
            name, *rest = node.args
            if isinstance(name, ast.Constant):
                yield str(name.value), written(rest[0]) if rest else ""


def written(default: ast.expr) -> str | None:
    """None where the default depends on something else."""
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return None
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(value) if isinstance(value, list) else str(value)
