"""The only reader of the environment.

Every function names one variable and says what it may be. A bad value raises `BadSetting` with the variable's
name and one plain sentence; the launcher and manage.py print it and stop. An empty value means the default.
What the environment does not set is looked for in the file `.env` at the root of the checkout (or in the file
that ENV_FILE names; `ENV_FILE=` reads none).

Every variable has its lines in `.env.example`; a test compares the two.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent

SHORTEST_SECRET = 32
SHORTEST_PASSWORD = 20
SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class BadSetting(Exception):
    """A variable has a value we cannot start with. Its text is for whoever set it and shows no secret."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"{name}: {sentence}")
        self.name = name


def text(name: str, default: str) -> str:
    return _value(name) or default


def flag(name: str, default: bool) -> bool:
    value = _value(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise BadSetting(name, f"must be 1 or 0, but it is {value!r}.")
    return default


def number(name: str, default: int, *, at_least: int | None = None, at_most: int | None = None) -> int:
    value = _value(name)
    try:
        chosen = int(value) if value else default
    except ValueError:
        raise BadSetting(name, f"must be a whole number, but it is {value!r}.") from None
    if at_least is not None and chosen < at_least:
        raise BadSetting(name, f"must be {at_least} or more, but it is {chosen}.")
    if at_most is not None and chosen > at_most:
        raise BadSetting(name, f"must be {at_most} or less, but it is {chosen}.")
    return chosen


def words(name: str, default: Sequence[str]) -> list[str]:
    """A list with commas between."""
    value = _value(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise BadSetting(name, f"must be one of {', '.join(choices)}, but it is {value!r}.")
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # an unknown name, a path, a folder of zones
        raise BadSetting(name, f"must be a time zone such as Europe/London, but it is {value!r}.") from None
    return value


def site_url(name: str, default: str) -> str:
    """The address people type, without a path: https://rooms.example.org"""
    value = text(name, default).rstrip("/")
    parts = _split(name, value)
    if value != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in ("http", "https") or "@" in value:
        raise BadSetting(name, f"must be an address such as https://rooms.example.org, but it is {value!r}.")
    return value


def hosts(name: str, default: Sequence[str], *, site_url: str) -> list[str]:
    """The host names we answer to; the site's own is always among them.

    '*' is refused: it would also let a page of any other site open our websocket in a member's name.
    """
    chosen = words(name, default)
    if any(host.strip(".") == "*" for host in chosen):
        raise BadSetting(name, "must name hosts; with '*' any website could open a member's connection.")
    own = host_of(site_url)
    own = f"[{own}]" if ":" in own else own
    return chosen if own in chosen else [*chosen, own]


def host_of(site_url: str) -> str:
    """The host name in an address."""
    return urlsplit(site_url).hostname or ""


def secret(name: str) -> str:
    """The variable's value, or what the file NAME_FILE holds, or one of our own making, kept in var/."""
    given, file = _value(name), _value(f"{name}_FILE")
    if given and file:
        raise BadSetting(name, f"is set, and {name}_FILE as well. Set one of them.")
    if file:
        given = _read_secret(f"{name}_FILE", Path(file))
    if not given:
        given = _own_secret(name)
    if len(given) < SHORTEST_SECRET:
        raise BadSetting(name, f"must be {SHORTEST_SECRET} characters or more, and nobody else may know it.")
    return given


def database(name: str, default: str) -> dict[str, Any]:
    """What Django wants to know of `postgres://…` or `sqlite:///path`.

    The path starts at the root of the checkout; with four slashes it is absolute.
    """
    url = text(name, default)
    parts = _split(name, url)
    if parts.scheme == "sqlite":
        return _sqlite(name, parts)
    if parts.scheme in ("postgres", "postgresql"):
        return _postgresql(name, parts)
    # The address may hold a password, so it is not repeated.
    raise BadSetting(name, "must start with sqlite:/// or postgres://.")


def mailer(name: str, *, kept_in: Path) -> dict[str, Any]:
    """What Django wants to know of `smtp://name:password@host:587` (with STARTTLS), `smtps://…` or `smtp+plain://…`.

    Without a value mail is not sent but kept in the folder.
    """
    url = text(name, "")
    if not url:
        return {"BACKEND": "chatserver.kept_mail.KeptMail", "OPTIONS": {"folder": str(kept_in)}}
    parts = _split(name, url)
    # The address may hold a password, so it is not repeated.
    if parts.scheme not in SMTP_PORTS or not parts.hostname or parts.path.strip("/"):
        raise BadSetting(name, "must have the form smtp://name:password@host:587 or smtps://name:password@host:465.")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or SMTP_PORTS[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp",
            "use_ssl": parts.scheme == "smtps",
            # Somebody waits for the page that sends a letter.
            "timeout": 10,
        },
    }


def sign_in_providers(name: str) -> list[dict[str, Any]]:
    """What allauth wants to know of each `https://client-id:secret@server/path#Name`, with commas between.

    The name is what the button says; in small letters it is part of our callback address.
    """
    return [_sign_in_provider(name, url) for url in words(name, [])]


def _sign_in_provider(name: str, url: str) -> dict[str, Any]:
    parts = _split(name, url)
    called = unquote(parts.fragment)
    own = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-")
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    # The address holds a secret, so it is not repeated.
    if not (parts.scheme == "https" or is_local) or not (parts.username and parts.password and own):
        raise BadSetting(name, "must have the form https://client-id:secret@login.example.org/path#Name.")
    host = parts.netloc.rpartition("@")[2]
    return {
        "provider_id": own,
        "name": called,
        "client_id": unquote(parts.username),
        "secret": unquote(parts.password),
        "settings": {"server_url": f"{parts.scheme}://{host}{parts.path}", "oauth_pkce_enabled": True},
    }


def files_storage(name: str, *, folder: Path) -> dict[str, Any]:
    """What Django wants to know of `s3://key:secret@bucket?endpoint=https://…&region=…`; without a value, of a folder."""
    url = text(name, "")
    if not url:
        return {
            "BACKEND": "rooms.files.storage.Folder",
            "OPTIONS": {"location": folder, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
        }
    parts = _split(name, url)
    more = dict(parse_qsl(parts.query))
    is_whole = parts.scheme == "s3" and parts.username and parts.password and parts.hostname
    # The address holds a secret, so it is not repeated.
    if not is_whole or parts.path.strip("/") or set(more) - {"endpoint", "region"}:
        raise BadSetting(name, "must have the form s3://key:secret@bucket?endpoint=https://…&region=….")
    return {
        "BACKEND": "rooms.files.bucket.Bucket",
        "OPTIONS": {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "bucket_name": parts.hostname,
            "endpoint_url": more.get("endpoint"),
            "region_name": more.get("region"),
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
            # Larger ones wait on the disk for their reader.
            "max_memory_size": 2**20,
            # Somebody waits for the page.
            "client_config": _patience(name),
        },
    }


def _patience(name: str) -> Any:
    try:
        from botocore.config import Config
    except ImportError:
        raise BadSetting(name, "needs a package more: .venv/bin/python -m pip install 'django-storages[s3]'") from None
    return Config(connect_timeout=4, read_timeout=15, retries={"max_attempts": 2}, s3={"addressing_style": "path"})


def socket_address(name: str) -> str | tuple[str, int] | None:
    """Where another program listens: tcp://host:port or unix:///path. None without a value."""
    url = text(name, "")
    if not url:
        return None
    parts = _split(name, url)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return parts.path
    if parts.scheme == "tcp" and parts.hostname and parts.port and not parts.path:
        return (parts.hostname, parts.port)
    raise BadSetting(name, "must have the form tcp://host:port or unix:///path/to/socket.")


def mail_domain(name: str) -> str:
    """The part after @ of the addresses at which we take mail. Empty without a value."""
    domain = text(name, "").lower()
    if domain and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", domain):
        raise BadSetting(name, f"must be the part of an address after @, such as in.example.org, but it is {domain!r}.")
    return domain


def mail_listener(name: str) -> tuple[str, str, int] | None:
    """How and where we take mail: lmtp://127.0.0.1:8024 or smtp://…. None without a value."""
    url = text(name, "")
    if not url:
        return None
    parts = _split(name, url)
    if parts.scheme not in ("lmtp", "smtp") or not parts.hostname or not parts.port or parts.path.strip("/"):
        raise BadSetting(name, "must have the form lmtp://127.0.0.1:8024 or smtp://127.0.0.1:8025.")
    return (parts.scheme, parts.hostname, parts.port)


def webhook_secret(name: str) -> str:
    """A name and a password that others show us, name:password. Empty without a value."""
    value = text(name, "")
    who, _, password = value.partition(":")
    # It is a secret, so it is not repeated.
    if value and (not who or len(password) < SHORTEST_PASSWORD):
        raise BadSetting(
            name, f"must have the form name:password, the password with {SHORTEST_PASSWORD} characters or more."
        )
    return value


# --- Where values come from ---


def _value(name: str) -> str:
    return (os.environ[name] if name in os.environ else _dotenv().get(name, "")).strip()


@cache
def _dotenv() -> Mapping[str, str]:
    file = os.environ.get("ENV_FILE", str(ROOT / ".env"))
    if not file or not Path(file).is_file():
        return {}
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return dict(_assignment(file, at, line) for at, line in enumerate(lines, 1) if _says_something(line))


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _assignment(file: str, at: int, line: str) -> tuple[str, str]:
    """NAME=value: an optional `export` before, optional quotes round the value."""
    name, equals, value = line.strip().removeprefix("export ").partition("=")
    if not equals or not name.strip().isidentifier():
        raise BadSetting(f"{file}, line {at}", "must have the form NAME=value.")
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return name.strip(), value


# --- Secrets ---


def _read_secret(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSetting(name, f"cannot read the file {path}.") from None


def _own_secret(name: str) -> str:
    """Made once and kept: with a new one at every start everybody would be signed out."""
    path = ROOT / "var" / name.lower()
    if not path.exists():
        _keep_secret(name, path, secrets.token_urlsafe(48))
    return _read_secret(name, path)


def _keep_secret(name: str, path: Path, value: str) -> None:
    """Only the owner may read it, and processes that start together all end up with the first one's."""
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(value + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    except OSError as error:
        raise BadSetting(name, f"is not set, and one cannot be kept in {path}: {error.strerror}.") from None


# --- Databases ---


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what finds a bad one
    except ValueError:
        raise BadSetting(name, "is not an address we can read.") from None
    return parts


def _sqlite(name: str, parts: SplitResult) -> dict[str, Any]:
    path = unquote(parts.path).removeprefix("/")
    if parts.netloc or not path or path == ":memory:":
        # Each thread would have a memory database of its own.
        raise BadSetting(name, "must name a file, such as sqlite:///var/roundtable.sqlite3.")
    file = ROOT / path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, f"cannot make the folder {file.parent}: {error.strerror}.") from None
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": sqlite_options()}


def sqlite_options() -> dict[str, Any]:
    return {
        # Without it a transaction that reads and then writes fails at once if another one writes meanwhile.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            # An acknowledged message survives a power cut.
            "PRAGMA synchronous=FULL;"
            "PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY;"
            "PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=27103364;"
            "PRAGMA cache_size=-20000"
        ),
    }


def _postgresql(name: str, parts: SplitResult) -> dict[str, Any]:
    from chatserver.pool import check_unheard  # Who runs on SQLite loads no PostgreSQL.

    database = unquote(parts.path).removeprefix("/")
    if not database:
        raise BadSetting(name, "must name a database after the host: postgres://name:password@host/database.")
    more = dict(parse_qsl(parts.query))
    size = number("DB_POOL_SIZE", 16, at_least=2)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A folder with the server's socket has slashes, so it comes as ?host=/run/postgresql.
        "HOST": more.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or more.pop("port", "")),
        # The pool keeps connections; without it each command on a socket would open one.
        "CONN_MAX_AGE": 0,
        # A connection that died with a restart of the database is replaced before anybody meets it.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            **more,
            "pool": {"min_size": 2, "max_size": size, "timeout": 10, "check": check_unheard},
        },
    }
