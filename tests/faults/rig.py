"""The machines of a fault run: server processes, PostgreSQL and Redis, or one process on SQLite; and what can happen to them."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

from tests.faults.people import Community, Person
from tests.migrated import copy
from tests.servers import PostgreSQL, Redis, Roundtable

type Profile = Literal["postgresql", "sqlite"]

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "chatserver.settings",
    # A loss has to show within the seconds that a run has.
    "HEARTBEAT_SECONDS": "2",
    "SWEEP_SECONDS": "1",
    # Eight members write what a thousand would; what is counted here is not how fast one may write.
    "POSTS_AT_ONCE": "1000000",
    "POSTS_A_MINUTE": "1000000",
    "FRAMES_AT_ONCE": "1000000",
    "FRAMES_A_MINUTE": "1000000",
}


class Served(Roundtable):
    """A server process, which may have a fault of our own making in it (see tests/faults/mutants)."""

    def __init__(self, *arguments: Any, mutant: str = "", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.mutant = mutant

    def command(self) -> list[str]:
        if self.mutant:
            return [sys.executable, "-m", "tests.faults.mutants.serve", self.mutant]
        return super().command()

    def kill_at_once(self) -> None:
        """Not even the time to look for its children: it has none."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.kill()

    def pause(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGCONT)


class Template:
    """A SQLite file with the community in it, made once for several runs."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
        self.file = self.folder / "community.sqlite3"
        maker = Served(**SETTINGS)
        try:
            maker.prepare()
            self.community = make_community(maker)
            copy(maker.folder / "roundtable.sqlite3", self.file)
        finally:
            maker.discard()

    def copy(self) -> str:
        """The address of a copy; it goes when the template goes."""
        copy = self.folder / f"{time.monotonic_ns()}.sqlite3"
        shutil.copyfile(self.file, copy)
        return f"sqlite:///{copy}"

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Rig:
    """Everything that runs beside the clients. `servers` are all alike: clients may use any of them."""

    def __init__(self, profile: Profile, *, mutant: str = "", template: Template | None = None) -> None:
        self.postgresql = PostgreSQL(migrated=True) if profile == "postgresql" else None
        self.redis = Redis() if profile == "postgresql" else None
        self.mutant = mutant
        self.template = template
        self.servers: list[Served] = []

    def start(self) -> Community:
        """Raises AssertionError with the log of what would not start."""
        try:
            return self.start_all()
        except BaseException:
            self.discard()
            raise

    def start_all(self) -> Community:
        for service in (self.postgresql, self.redis):
            if service:
                service.start()
        database = self.postgresql.url if self.postgresql else self.template.copy() if self.template else ""
        redis = self.redis.url if self.redis else ""
        first = Served(database, redis, mutant=self.mutant, **SETTINGS)
        self.servers.append(first)
        if self.template:
            community, first.prepared = self.template.community, True
        else:
            first.prepare()
            community = make_community(first)
        if self.mutant == "no_unique_client_id":
            first.run("-m", "tests.faults.community", "forget-client-ids")
        if self.postgresql:
            second = Served(database, redis, mutant=self.mutant, **SETTINGS)
            second.prepared = True
            self.servers.append(second)
        for server in self.servers:
            server.start()
        return community

    def stored(self) -> dict[str, Any]:
        """Everything in the database (see community.dump)."""
        said: dict[str, Any] = json.loads(self.servers[0].run("-m", "tests.faults.community", "dump"))
        return said

    def logs(self) -> str:
        return "\n".join(f"── {server.url} ──\n{server.log}" for server in self.servers)

    def discard(self) -> None:
        for machine in (*self.servers, self.redis, self.postgresql):
            if machine:
                machine.discard()

    def cut_connections(self) -> None:
        """Every connection to PostgreSQL is ended by PostgreSQL itself, as an administrator or a failover would."""
        import psycopg

        assert self.postgresql
        with psycopg.connect(self.postgresql.url_of("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'roundtable'")


def make_community(server: Served) -> Community:
    made = json.loads(server.run("-m", "tests.faults.community", "make"))
    return Community(
        people={handle: Person(**person) for handle, person in made["people"].items()},
        groups=made["groups"],
        rooms=made["rooms"],
    )
