"""Writers: an outbox each, as frontend/static/js/room/outbox.js has it. What got no clear answer is sent again."""

import asyncio
import itertools
import random
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from tests.faults import people
from tests.faults.journal import Post
from tests.faults.line import PATIENCE, Denied, Frame, Line, Lost

if TYPE_CHECKING:
    from tests.faults.run import Run

PASSING = ("try_again", "too_fast")
"""Refusals that time alone mends. `try_again` may even mean that it was stored."""
CSRF = "0123456789abcdefghijklmnopqrstuv"
LATELY = 60


class Outcome(NamedTuple):
    """What came of sending a command until it was answered."""

    answer: Frame | None
    lost: int
    """Tries of which nobody knows the end."""
    denied: Denied | None = None


class Writer:
    def __init__(self, run: "Run", number: int) -> None:
        self.run = run
        self.number = number
        self.handle = people.WRITERS[number]
        self.person = run.community.people[self.handle]
        self.random = random.Random(f"{run.plan.seed} {self.handle}")
        self.rooms = [key for key in people.BUSY if people.belongs(self.handle, key)]
        self.forbidden = [key for key in people.PRIVATE if not people.belongs(self.handle, key)]
        self.mine: list[Post] = []
        """Posts that were acknowledged and still stand."""
        self.written = 0
        self.line: Line | None = None
        self.copies: set[asyncio.Task[None]] = set()

    async def live(self) -> None:
        """Write at an even pace, and what could not be sent meanwhile as soon as it can."""
        due = time.monotonic() + self.random.random()
        while not self.run.ending.is_set():
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += self.random.expovariate(self.run.plan.posts_a_second)
            await self.write_something()
        if self.copies:
            await asyncio.wait(self.copies)
        if self.line:
            await self.line.close()

    async def write_something(self) -> None:
        plan, chance = self.run.plan, self.random.random()
        if self.mine and chance < plan.removals:
            await self.remove(self.mine.pop(self.random.randrange(-min(LATELY, len(self.mine)), 0)))
        elif self.mine and chance < plan.removals + plan.edits:
            await self.edit(self.random.choice(self.mine[-LATELY:]))
        else:
            await self.post()

    # What it writes ---------------------------------------------------------------------------------------------

    async def post(self) -> None:
        """One new message: some are sent twice on purpose, some nobody may store."""
        self.written += 1
        doomed = self.random.random() < self.run.plan.doomed
        room = self.random.choice(self.forbidden) if doomed else self.random.choice(self.rooms)
        post = Post(
            client_id=str(uuid.UUID(int=self.random.getrandbits(128))),
            writer=self.handle,
            room=room,
            token=self.token(self.written),
            invoked_at=time.monotonic(),
            reply_to=None if doomed else self.something_to_answer(room),
        )
        self.run.journal.sent(post)
        self.run.journal.note(self.handle, "invoke", room=room, client=post.client_id, token=post.token)
        if self.random.random() < self.run.plan.doubles:
            self.copies.add(asyncio.create_task(self.copy(post)))
        await self.deliver(post)
        if post.answers and post.acked_at - post.invoked_at < PATIENCE:
            self.run.journal.waits.append((post.invoked_at, post.acked_at - post.invoked_at))
        if post.answers:
            self.mine.append(post)
            if post.reply_to:
                post.reply_to.replies += 1

    def something_to_answer(self, room: str) -> Post | None:
        """One of my own lately in this room, now and then: a reply shows the first words of what it answers."""
        lately = [post for post in self.mine[-LATELY:] if post.room == room]
        return self.random.choice(lately) if lately and self.random.random() < self.run.plan.replies else None

    def token(self, number: int, edit: int = 0) -> str:
        return f"w{self.number}n{number:05d}e{edit}x{self.random.getrandbits(24):06x}"

    def words(self, post: Post, token: str) -> str:
        return f"{people.secret(post.room) if post.room in people.PRIVATE else 'Hello'} {token}, says {self.number}"

    def command(self, post: Post) -> Frame:
        return {
            "kind": "message.post",
            "client_id": post.client_id,
            "room": self.run.community.rooms[post.room],
            "text": self.words(post, post.token),
            "reply_to": post.reply_to.answers[0][0] if post.reply_to else None,
        }

    async def deliver(self, post: Post) -> None:
        """Until there is a clear answer, or the run gives up: then nobody knows."""
        command = self.command(post)
        outcome = await self.insist(command)
        post.doubts += outcome.lost
        if outcome.answer:
            self.stored(post, outcome.answer, "socket")
        elif outcome.denied:
            self.denied(post, outcome.denied)
        else:
            self.run.journal.note(self.handle, "unknown", client=post.client_id)

    async def copy(self, post: Post) -> None:
        """The same once more: right behind on the same socket, at the same time through another door, or later."""
        self.run.journal.counts["sent twice on purpose"] += 1
        way = self.random.choice(["behind", "beside", "later"])
        if way == "later":
            await asyncio.sleep(self.random.uniform(0.3, 3))
        send = self.by_socket if way == "behind" else self.by_http
        try:
            self.stored(post, await send(self.command(post)), way)
        except Lost:
            post.doubts += 1
        except Denied as denied:
            self.denied(post, denied)

    def stored(self, post: Post, answer: Frame, way: str) -> None:
        post.acked_at = min(post.acked_at, time.monotonic())
        post.answers.append((answer["message"], answer["version"]))
        self.run.journal.note(self.handle, "ok", client=post.client_id, version=answer["version"], way=way)
        self.run.acknowledged.set()

    def denied(self, post: Post, denied: Denied) -> None:
        if denied.code in PASSING:
            post.doubts += 1
            return
        post.refused = denied.code
        self.run.journal.note(self.handle, "fail", client=post.client_id, code=denied.code)
        if denied.code not in ("not_here", "not_allowed"):
            self.run.journal.oddities.append(f"{self.handle}: a post was refused with {denied.code}")

    async def edit(self, post: Post) -> None:
        """A try whose answer was lost may still be carried out after later ones: edits carry no client id."""
        token = self.token(int(post.token[3:8]), len(post.wordings))
        post.wordings.append(token)
        command = {"kind": "message.edit", "message": post.answers[0][0], "text": self.words(post, token)}
        outcome = await self.insist(command)
        if outcome.lost or not outcome.answer:
            post.perhaps.append(token)
            self.run.journal.doubtful_turns[post.room] += max(1, outcome.lost)
        if outcome.answer:
            self.took_turn(post.room, outcome.answer["version"], f"edit {token}")
            post.standing = token
            self.run.journal.counts["edits"] += 1

    async def remove(self, post: Post) -> None:
        post.removal = "maybe"
        command = {"kind": "message.remove", "message": post.answers[0][0]}
        outcome = await self.insist(command)
        if not outcome.answer:
            self.run.journal.doubtful_turns[post.room] += 1
            return
        self.took_turn(post.room, outcome.answer["version"], f"removal of {post.token}")
        post.removal = "yes"
        self.run.journal.counts["removals"] += 1

    def took_turn(self, room: str, version: int, deed: str) -> None:
        self.run.journal.taken.append((room, version, deed))
        self.run.journal.turns[room] += 1

    # How it gets there ------------------------------------------------------------------------------------------

    async def insist(self, command: Frame) -> Outcome:
        """Send until there is a clear answer, or the run gives up."""
        lost = 0
        for tries in itertools.count():
            try:
                return Outcome(await self.by_socket(command), lost)
            except Lost:
                lost += 1
                self.run.journal.counts["answers lost"] += 1
                self.run.journal.note(self.handle, "unknown", **command)
            except Denied as denied:
                if denied.code not in PASSING:
                    return Outcome(None, lost, denied)
                lost += 1
                self.run.journal.counts[f"refused with {denied.code}"] += 1
            if self.run.giving_up.is_set():
                break
            await asyncio.sleep(min(1.0, 0.1 * 2**tries) * self.random.uniform(0.5, 1))
        return Outcome(None, lost)

    async def by_socket(self, command: Frame) -> Frame:
        """Raises Lost and Denied."""
        line = self.line
        if line is None or not line.is_open:
            server = self.run.any_server(self.random)
            line = self.line = await Line.open(server, self.person.session, lambda frame, raw: None, dict)
            await line.ask("hello", protocol=1, rooms={})
        return await line.ask(**command)

    async def by_http(self, command: Frame) -> Frame:
        """By the door for networks that block websockets, and at another server than the socket's. Raises Lost and Denied."""
        try:
            answer = await self.run.http.post(
                f"{self.run.any_server(self.random, besides=self.line.server if self.line else '')}/live/command",
                json={**command, "ref": 1},
                headers=signed_in(self.person.session),
            )
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Lost from error
        if found["kind"] == "refused":
            raise Denied(found["code"])
        return found


def signed_in(session: str) -> dict[str, str]:
    """The headers of somebody who is signed in and came from one of our own pages."""
    return {"Cookie": f"session={session}; csrf={CSRF}", "X-CSRFToken": CSRF}
