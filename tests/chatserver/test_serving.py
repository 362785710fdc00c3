"""Real server processes: daphne as the launcher starts it, several on one socket, uvicorn, and how they stop."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from tests import samples
from tests.servers import PostgreSQL, Redis, Roundtable

SECONDS = 10


class OnUvicorn(Roundtable):
    """The same application on another ASGI server."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "uvicorn", "chatserver.asgi:application", "--port", str(self.port)]


class Stage:
    """What tests.browser.stage put into the server's database."""

    def __init__(self, server: Roundtable) -> None:
        known: dict[str, Any] = json.loads(server.run("-m", "tests.browser.stage"))
        self.server, self.people, self.room = server, known["people"], known["room"]

    @asynccontextmanager
    async def tab(self, who: str) -> AsyncIterator[ClientConnection]:
        """Somebody's tab, with the room open."""
        cookie = {"Cookie": f"session={self.people[who]['session']}"}
        async with websockets.connect(
            self.server.live_url, additional_headers=cookie, origin=websockets.Origin(self.server.url)
        ) as tab:
            await says(tab, "hello", protocol=1, rooms={str(self.room): 0})
            await hears(tab, "welcome")
            yield tab

    async def posts(self, tab: ClientConnection, text: str) -> None:
        await says(tab, "message.post", client_id=str(uuid4()), room=self.room, text=text)
        await hears(tab, "done")


async def says(tab: ClientConnection, kind: str, **fields: object) -> None:
    await tab.send(json.dumps({"kind": kind, "ref": 1, **fields}))


async def hears(tab: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next frame of one of these kinds."""
    async with asyncio.timeout(SECONDS):
        while True:
            frame: dict[str, Any] = json.loads(await tab.recv())
            if frame["kind"] in kinds:
                return frame


@pytest.mark.parametrize("kind", [Roundtable, OnUvicorn])
async def test_one_writes_and_the_other_hears(kind: type[Roundtable]) -> None:
    with kind() as server:
        stage = Stage(server)
        async with stage.tab("alice") as alice, stage.tab("bob") as bob:
            await stage.posts(alice, "**Soup**")
            assert "<strong>Soup</strong>" in (await hears(bob, "message.posted"))["html"]


async def test_a_server_that_stops_sends_its_tabs_elsewhere_first() -> None:
    with Roundtable(DRAIN_SECONDS="3") as server:
        stage = Stage(server)
        async with stage.tab("bob") as bob:
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            away = await hears(bob, "away")
            assert (away["after"], away["within"]) == (0, 1)
            # Refused, or reset where it came while the server closed its door.
            with pytest.raises((ConnectionError, websockets.InvalidMessage)):
                await stage.tab("alice").__aenter__()
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await hears(bob, "nothing")
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            await stopping


@pytest.mark.parametrize("kind", [Roundtable, OnUvicorn])
async def test_slow_readers_of_a_file_cost_neither_memory_nor_connections(kind: type[Roundtable]) -> None:
    with PostgreSQL(migrated=True) as postgresql, kind(postgresql.url, DB_POOL_SIZE="2") as server:
        stage = Stage(server)
        cookies = {"session": stage.people["alice"]["session"]}
        content = samples.PDF + b"x" * 20 * 2**20
        async with httpx.AsyncClient(base_url=server.url, cookies=cookies, timeout=SECONDS) as alice:
            await alice.get("/groups/")
            headers = {"X-CSRFToken": alice.cookies["csrf"], "X-File-Name": "Report.pdf"}
            brought = (await alice.post(f"/rooms/{stage.room}/files", content=content, headers=headers)).json()
            address = f"/files/{brought['id']}/"
            await alice.get(address)
            before = server.rss_bytes()
            async with AsyncExitStack() as open_answers:
                slow = [await open_answers.enter_async_context(alice.stream("GET", address)) for _ in range(4)]
                await asyncio.sleep(1)
                assert server.rss_bytes() - before < 30 * 2**20
                assert (await alice.get("/groups/")).status_code == 200
                for answer in slow:
                    assert b"".join([block async for block in answer.aiter_bytes()]) == content


async def test_a_frame_of_a_quarter_megabyte_is_refused_and_the_socket_lives_on() -> None:
    with Roundtable() as server:
        stage = Stage(server)
        async with stage.tab("bob") as bob:
            await bob.send('{"kind": "typing", "x": "' + "x" * 200_000 + '"}')
            assert (await hears(bob, "refused"))["code"] == "too_large"
            await stage.posts(bob, "Still here")


async def test_nobody_meets_a_connection_that_died_with_a_restart_of_the_database() -> None:
    with PostgreSQL(migrated=True) as postgresql, Roundtable(postgresql.url, DB_POOL_SIZE="2") as server:
        stage = Stage(server)
        async with stage.tab("bob") as bob:
            await stage.posts(bob, "Before")
            postgresql.restart()
            for words in ("After", "it", "started", "again"):
                await says(bob, "message.post", client_id=str(uuid4()), room=stage.room, text=words)
                assert (await hears(bob, "done", "refused"))["kind"] == "done"


@pytest.mark.timeout(180)
async def test_several_processes_on_one_socket_hear_each_other_with_and_without_redis() -> None:
    with PostgreSQL(migrated=True) as postgresql, Redis() as redis:
        settings: dict[str, Any] = {"PROCESSES": "2", "SWEEP_SECONDS": "1"}
        with Roundtable(postgresql.url, redis.url, **settings) as server:
            stage = Stage(server)
            tabs = [stage.tab(who) for who in ("alice", "bob", "lena", "mo") * 2]
            opened = [await tab.__aenter__() for tab in tabs]
            try:
                await stage.posts(opened[0], "With Redis")
                for tab in opened[1:]:
                    await hears(tab, "message.posted")
                redis.stop()
                await stage.posts(opened[0], "Without")
                for tab in opened[1:]:
                    assert "Without" in json.dumps(await hears(tab, "message.posted", "room.changes"))
                redis.start_empty()
                await asyncio.sleep(4)
                await stage.posts(opened[0], "With Redis again")
                for tab in opened[1:]:
                    assert "With Redis again" in json.dumps(await hears(tab, "message.posted", "room.changes"))
            finally:
                for entered in tabs:
                    await entered.__aexit__(None, None, None)
