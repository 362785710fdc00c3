"""The language of the tests: what members do through real doors, and what reaches them.

async with Tab(cast.bob) as bob:
    await bob.opens(room)
    await alice.posts(room, "Soup")
    frame = await bob.hears("message.posted")
"""

import asyncio
import json
import time
from collections.abc import Iterable
from io import BytesIO
from typing import Any, Self
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from chatserver.asgi import application
from members.models import Member
from members.session_store import BEGAN_AT, SessionStore
from rooms import commands
from rooms.actions.files import upload_file
from rooms.actions.messages import edit_message, post_message, remove_message
from rooms.models import File, HeldPost, Message, Room
from tests import samples

SECONDS = 3.0
"""How long a test waits for a frame before it says that none came."""
QUIET = 0.3
"""How long a test listens before it says that nothing came."""

type Frame = dict[str, Any]

NOBODY_IN_PICTURES = frozenset({"picture_of_somebody"})


def session_of(member: Member) -> str:
    """A new session, as signing in makes one; returns its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = "members.backends.MemberBackend"
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session[BEGAN_AT] = time.time()
    session.create()
    return session.session_key or ""


def posts(
    author: Member,
    room: Room,
    text: str,
    *,
    client_id: UUID | None = None,
    reply_to: int | None = None,
    files: Iterable[File] = (),
) -> Message:
    """The author posts, and says of pictures that nobody is in them."""
    posted = tries_to_post(author, room, text, client_id=client_id, reply_to=reply_to, files=files)
    assert isinstance(posted, Message), "it waits for a look"
    return posted


def tries_to_post(
    author: Member,
    room: Room,
    text: str,
    *,
    client_id: UUID | None = None,
    reply_to: int | None = None,
    files: Iterable[File] = (),
) -> Message | HeldPost:
    """The author posts, and it may have to wait for a look."""
    attached = tuple(commands.Attached(file.pk) for file in files)
    command = commands.PostMessage(client_id or uuid4(), room.pk, text, reply_to, attached, NOBODY_IN_PICTURES)
    return post_message(author, command)


def brings(uploader: Member, room: Room, name: str = "Report.pdf", content: bytes = samples.PDF) -> File:
    """The uploader brings a file into a room, and has not posted it yet."""
    return upload_file(uploader, commands.UploadFile(room.pk, name, BytesIO(content)))


def edits(author: Member, message: Message, text: str) -> Message:
    return edit_message(author, commands.EditMessage(message.pk, text))


def removes(author: Member, message: Message) -> Message:
    return remove_message(author, commands.RemoveMessage(message.pk))


class Tab:
    """One browser tab of a member: a websocket to the real ASGI application."""

    def __init__(self, member: Member | None, *, session: str = "", origin: str = "http://localhost") -> None:
        self.member = member
        self.session = session
        self.origin = origin
        self.heard: list[Frame] = []
        self.refs = 0

    async def __aenter__(self) -> Self:
        if self.member and not self.session:
            self.session = await sync_to_async(session_of)(self.member)
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.session}".encode()
        headers = [(b"origin", self.origin.encode()), (b"host", b"localhost"), (b"cookie", cookie)]
        self.socket = WebsocketCommunicator(application, "/live", headers)
        self.accepted, self.code = await self.socket.connect(SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.disconnect()

    async def sends(self, raw: str | bytes) -> None:
        """Anything at all, as a browser never would."""
        if isinstance(raw, bytes):
            await self.socket.send_to(bytes_data=raw)
        else:
            await self.socket.send_to(text_data=raw)

    async def asks(self, kind: str, **fields: Any) -> Frame:
        """A command and its answer; other frames meanwhile are kept for `hears`."""
        self.refs += 1
        await self.sends(json.dumps({"kind": kind, "ref": self.refs, **fields}))
        return await self.hears("done", "refused", "welcome", ref=self.refs)

    async def opens(self, room: Room, after: int = 0) -> Frame:
        """Open a room and return the changes above `after`."""
        answer = await self.asks("room.open", room=room.pk, after=after)
        assert answer["kind"] == "done", answer
        changes: Frame = answer["changes"]
        return changes

    async def posts(self, room: Room, text: str, **fields: Any) -> Frame:
        return await self.asks("message.post", client_id=str(uuid4()), room=room.pk, text=text, **fields)

    async def hears(self, *kinds: str, **facts: Any) -> Frame:
        """The next frame of one of these kinds with these facts; fails when none comes in time."""

        def fits(frame: Frame) -> bool:
            return frame["kind"] in kinds and all(frame.get(name) == fact for name, fact in facts.items())

        for frame in self.heard:
            if fits(frame):
                self.heard.remove(frame)
                return frame
        async with asyncio.timeout(SECONDS):
            while True:
                frame = await self.receives()
                if fits(frame):
                    return frame
                self.heard.append(frame)

    async def receives(self) -> Frame:
        frame: Frame = json.loads(await self.socket.receive_from(SECONDS))
        return frame

    async def is_closed(self) -> int:
        """The code with which the server closes the socket; fails when it does not in time."""
        while True:
            output = await self.socket.receive_output(SECONDS)
            if output["type"] == "websocket.close":
                code: int = output["code"]
                return code

    async def hears_nothing_of(self, *kinds: str) -> None:
        """Fails when a frame of one of these kinds came or comes within a short while."""
        while not await self.socket.receive_nothing(QUIET):
            self.heard.append(await self.receives())
        assert [frame for frame in self.heard if frame["kind"] in kinds] == []

    async def is_closed_with(self, code: int) -> None:
        """Fails unless the server closes the socket with this code."""
        async with asyncio.timeout(SECONDS):
            while True:
                output = await self.socket.receive_output(SECONDS)
                if output["type"] == "websocket.close":
                    assert output["code"] == code
                    return
