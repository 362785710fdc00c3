"""The table of commands: from a frame to an action and its answer. Socket, HTTP and tests go through it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError

from members.models import Member
from members.refusals import BadRequest, Refused, ServerFault, TryAgain
from rooms import commands
from rooms.access import room_and_floor
from rooms.actions.messages import edit_message, pin_message, post_message, remove_message, set_reaction
from rooms.actions.reading import read_room
from rooms.catch_up import Changes, changes_since
from rooms.commands import Frame
from rooms.models import HeldPost, Message, Room

log = logging.getLogger(__name__)

type Answer = dict[str, Any]


def posted(message: Message | HeldPost) -> Answer:
    if isinstance(message, HeldPost):
        return held(message)
    return {
        "message": message.pk,
        "room": message.room_id,
        "version": message.created_version,
        "client_id": str(message.client_id),
    }


def held(post: HeldPost) -> Answer:
    """It waits for a moderator's look, or was answered since: nobody else has seen it."""
    return {
        "held": post.pk,
        "state": post.state,
        "words": post.why if post.is_open else post.answer,
        "room": post.room_id,
        "client_id": str(post.client_id),
    }


def changed(message: Message) -> Answer:
    return {"message": message.pk, "version": message.version}


class Command(NamedTuple):
    """How one kind of command is read, carried out and answered."""

    read: Callable[[Frame], Any]
    act: Callable[[Member, Any], Any]
    answer: Callable[[Any], Answer]


def read(member: Member, command: commands.ReadRoom) -> Answer:
    return {"room": command.room, "version": read_room(member, command)}


COMMANDS: Mapping[str, Command] = {
    "message.post": Command(commands.post_message, post_message, posted),
    "message.edit": Command(commands.edit_message, edit_message, changed),
    "message.remove": Command(commands.remove_message, remove_message, changed),
    "message.pin": Command(commands.pin_message, pin_message, changed),
    "reaction.set": Command(commands.set_reaction, set_reaction, changed),
    "room.read": Command(commands.read_room, read, dict),
}


def carry_out(member: Member, frame: Frame) -> Answer:
    """Read a command, carry it out and answer. Returns after the commit. Raises Refused, and nothing else."""
    kind = frame.get("kind")
    command = COMMANDS.get(kind) if isinstance(kind, str) else None
    if command is None:
        raise BadRequest("This server does not know that command.", code="unknown_command")
    try:
        return command.answer(command.act(member, command.read(frame)))
    except Refused:
        raise
    except (DatabaseError, InterfaceError) as error:
        log.warning("%s was not stored: %s", kind, type(error).__name__)
        raise TryAgain from error
    except Exception as error:
        # The frame holds what a person wrote, so it is not logged.
        log.exception("%s failed", kind)
        raise ServerFault from error


class Opened(NamedTuple):
    """A room as one member finds it: with their floor in it, and what changed there since they looked."""

    room: Room
    floor: int
    changes: Changes


def changes_for(member: Member, room_id: int, after: int) -> Opened:
    """A room, and what changed in it above a version. Raises NotHere, TryAgain."""
    try:
        room, floor = room_and_floor(member, room_id)
        return Opened(room, floor, changes_since(room, after, floor))
    except (DatabaseError, InterfaceError) as error:
        raise TryAgain("The server could not look just now.") from error
