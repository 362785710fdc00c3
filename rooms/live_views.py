"""The live parts over plain HTTP, for networks that block websockets: the same commands, the same question."""

import asyncio
import contextlib

import orjson
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from events.ear import EAR
from events.frames import Frame
from events.wire import tell_readers
from members.models import Member
from members.refusals import BadRequest, NotSignedIn, Refused
from members.requests import whole_number
from members.session_store import session_digest
from members.sessions import member_of_session
from rooms import commands
from rooms.catch_up import Changes
from rooms.doors import Answer, carry_out, changes_for
from rooms.house import groups_of, start_delivery
from rooms.threads import in_thread

LONGEST_WAIT = 25.0
"""Seconds: below the half minute after which some proxies cut a silent request."""
MOST_FRAMES = 200
PRESENCE = '{"kind":"presence"'


class PollListener:
    """A Listener of the ear that lives as long as one request: it keeps what it hears and wakes the request."""

    def __init__(self, member: int, session: str) -> None:
        self.member = member
        self.session = session
        self.groups: set[int] = set()
        self.rooms: set[int] = set()
        self.heard: list[str] = []
        self.woken = asyncio.Event()

    def write(self, frame: Frame) -> None:
        """Keep the frame and wake the request; not for who is here, which each request itself changes."""
        if len(self.heard) < MOST_FRAMES:
            self.heard.append(frame.text)
        if not frame.text.startswith(PRESENCE):
            self.woken.set()

    def beat(self, frame: Frame) -> None:
        """A request that waits needs no heartbeat: its end is one."""

    def close(self, code: int) -> None:
        EAR.dismiss(self)
        self.woken.set()


async def member_of(request: HttpRequest) -> Member:
    """The member who asks. Raises NotSignedIn."""
    # Not by `request.user`: the thread of the request that reads it would keep its database connection for as long as the
    # request waits, and a pool's worth of waiting requests would leave none for anybody.
    member = await in_thread(member_of_session, request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if member is None:
        raise NotSignedIn
    return same_as_page(request, member)


def same_as_page(request: HttpRequest, member: Member) -> Member:
    """The member, if the page that asks was drawn for them. Raises NotSignedIn.

    On a shared computer it may stand open while somebody else signs in, and must not post in their name.
    """
    if request.headers.get("X-Member", str(member.pk)) != str(member.pk):
        raise NotSignedIn("Somebody else has signed in on this computer since. Load the page anew.")
    return member


def refusal(refused: Refused, ref: str | int | None = None) -> JsonResponse:
    return JsonResponse({"kind": "refused", "ref": ref, **refused.as_answer()}, status=refused.status)


@require_POST
async def command(request: HttpRequest) -> JsonResponse:
    """One command as the socket takes it, and its one answer."""
    ref = None
    try:
        member = await member_of(request)
        frame = commands.read_frame(request.body)
        ref = commands.ref_of(frame)
        answer = await obey(member, frame)
    except Refused as refused:
        return refusal(refused, ref)
    return JsonResponse({"kind": "done", **answer, "ref": ref})


async def obey(member: Member, frame: commands.Frame) -> Answer:
    match frame.get("kind"):
        case "room.open":
            opened = await in_thread(
                changes_for, member, commands.number(frame, "room"), commands.number(frame, "after")
            )
            return {"room": opened.room.pk, "changes": opened.changes}
        case "typing":
            room = (await in_thread(changes_for, member, commands.number(frame, "room"), commands.LARGEST_NUMBER)).room
            typing = Frame.of("typing", room=room.pk, member=member.pk, name=member.display_name)
            tell_readers(group=room.group_id, room=room.pk, frame=typing, besides=member.pk)
            return {}
    return await in_thread(carry_out, member, frame)


@require_GET
async def changes(request: HttpRequest) -> JsonResponse:
    """What changed in a room above a version: at once, or as soon as something does, or after the wait with nothing."""
    start_delivery()
    try:
        member = await member_of(request)
        room_id, after = asked(request, "room"), asked(request, "after")
        wait = min(float(asked(request, "wait")), LONGEST_WAIT)
        found, heard = await wait_for_changes(member, request.session.session_key or "", room_id, after, wait)
    except Refused as refused:
        return refusal(refused)
    return JsonResponse({"changes": found, "frames": [orjson.loads(text) for text in heard]})


def asked(request: HttpRequest, name: str) -> int:
    value = whole_number(request.GET.get(name, "0"))
    if value is None:
        raise BadRequest(f"“{name}” has to be a whole number.", field=name)
    return value


async def wait_for_changes(
    member: Member, session_key: str, room_id: int, after: int, wait: float
) -> tuple[Changes, list[str]]:
    """Listen first and look second, so that nothing falls in between. Raises NotHere."""
    listener = PollListener(member.pk, session_digest(session_key))
    belonging = await in_thread(groups_of, [member.pk])
    EAR.admit(listener, belonging.get(member.pk, set()))
    try:
        room, floor, found = await in_thread(changes_for, member, room_id, after)
        if room.version > after or not wait or room.group_id not in listener.groups:
            return found, listener.heard
        EAR.open_room(listener, room.group_id, room.pk, floor)
        if EAR.told.get(room.pk, 0) <= room.version:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(listener.woken.wait(), wait)
        found = (await in_thread(changes_for, member, room_id, after)).changes
        return found, listener.heard
    finally:
        EAR.dismiss(listener)
