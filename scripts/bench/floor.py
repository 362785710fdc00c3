"""The floors: the least that the same work costs in the same language, on the same machine, at the same moment.

python -m scripts.bench.floor broadcast PORT BYTES    a broadcast loop: no members, no database, no rules
python -m scripts.bench.floor insert DATABASE_URL SECONDS    one INSERT and COMMIT after the other; prints how many a second
"""

import asyncio
import base64
import hashlib
import sqlite3
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def main() -> None:
    what, first, second = sys.argv[1:]
    if what == "broadcast":
        uvloop.run(broadcast_forever(int(first), int(second)))
    elif first.startswith("sqlite"):
        print(inserts_into_sqlite(urlsplit(first).path.removeprefix("/"), float(second)))
    else:
        print(inserts_into_postgresql(first, float(second)))


# --- Broadcasting ---


class Loop(asyncio.Protocol):
    """What each socket of the bare loop does: a post is written, as a frame of a given size, to all sockets there are."""

    everybody: set["Loop"] = set()
    version = 0
    size = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.buffer = b""
        self.upgraded = False

    def connection_lost(self, exception: Exception | None) -> None:
        self.everybody.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            self.upgrade()
        while len(self.buffer) >= 6:
            length, head = self.buffer[1] & 127, 6
            if length == 126:
                length, head = int.from_bytes(self.buffer[2:4]), 8
            if len(self.buffer) < head + length:
                return
            frame = orjson.loads(self.buffer[head : head + length])  # Our client masks with zeros.
            self.buffer = self.buffer[head + length :]
            self.hear(frame)

    def upgrade(self) -> None:
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + ACCEPT).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.upgraded = True
        self.buffer = rest

    def hear(self, frame: dict[str, Any]) -> None:
        if frame["kind"] == "hello":
            level = {"version": Loop.version, "frames": [], "more": False}
            self.transport.write(text_frame({"kind": "welcome", "rooms": dict.fromkeys(frame["rooms"], level)}))
            self.everybody.add(self)
        elif frame["kind"] == "message.post":
            Loop.version += 1
            self.transport.write(text_frame({"kind": "done", "ref": frame["ref"], "version": Loop.version}))
            posted = {"kind": "message.posted", "version": Loop.version, "html": ""}
            posted["html"] = "x" * (Loop.size - len(orjson.dumps(posted)))
            bytes_of_all = text_frame(posted)
            for socket in self.everybody:
                socket.transport.write(bytes_of_all)


def text_frame(frame: dict[str, Any]) -> bytes:
    payload = orjson.dumps(frame)
    if len(payload) < 126:
        return bytes((0x81, len(payload))) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2) + payload


async def broadcast_forever(port: int, size: int) -> None:
    Loop.size = size
    server = await asyncio.get_running_loop().create_server(Loop, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


# --- Inserting ---

TABLE = (
    "CREATE TABLE IF NOT EXISTS floor (id {serial}, room BIGINT, version BIGINT, author BIGINT, text TEXT, html TEXT)"
)
INSERT = "INSERT INTO floor (room, version, author, text, html) VALUES (1, {mark}, 1, {mark}, {mark})"
TEXT, HTML = "x" * 200, "x" * 207


def inserts_into_sqlite(path: str, seconds: float) -> float:
    from chatserver.env import sqlite_options

    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(sqlite_options()["init_command"])
    connection.execute(TABLE.format(serial="INTEGER PRIMARY KEY"))

    def insert(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(INSERT.format(mark="?"), (number, TEXT, HTML))
        connection.execute("COMMIT")

    return a_second(insert, seconds)


def inserts_into_postgresql(url: str, seconds: float) -> float:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE.format(serial="BIGSERIAL PRIMARY KEY"))

        def insert(number: int) -> None:
            with connection.transaction():
                connection.execute(INSERT.format(mark="%s"), (number, TEXT, HTML))

        return a_second(insert, seconds)


def a_second(insert: Any, seconds: float) -> float:
    """How often a second, one after the other."""
    began = time.perf_counter()
    number = 0
    while time.perf_counter() - began < seconds:
        number += 1
        insert(number)
    return number / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
