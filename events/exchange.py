"""Between server processes: one publish for an envelope, one channel for each process.

The layer is a doorbell (at most once, by its specification). Nothing here may wait for it on the way of a post, and
nothing is lost with it: the sweep finds by version what it never announced.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import get_channel_layer

from events.frames import Envelope

log = logging.getLogger(__name__)

EVERY_PROCESS = "every-process"
"""The layer group that every process is in."""
PATIENCE_SECONDS = 2.0
MOST_UNPUBLISHED = 2_000


def layer_group(group: int) -> str:
    """The layer group that carries a working group's rooms."""
    return f"group.{group}"


class Exchange:
    """This process's place on the channel layer; does nothing where there is no layer."""

    def __init__(self, origin: str, hear: Callable[[Envelope], Awaitable[None]]) -> None:
        self.origin = origin
        self.hear = hear
        self.layer: Any = get_channel_layer()
        self.wanted = {EVERY_PROCESS}
        self.joined: set[str] = set()
        self.channel = ""
        self.unpublished: deque[tuple[str, Envelope]] = deque(maxlen=MOST_UNPUBLISHED)
        self.something_to_do = asyncio.Event()

    def publish(self, layer_group: str, envelope: Envelope) -> None:
        """Let the other processes hear it, soon."""
        if self.layer:
            self.unpublished.append((layer_group, envelope))
            self.something_to_do.set()

    def listen_to(self, group: int) -> None:
        """Hear what other processes publish about a working group, from soon on."""
        self.wanted.add(layer_group(group))
        self.something_to_do.set()

    async def speak_forever(self) -> None:
        """One speaker, so that what this process says arrives in order. A dead layer costs the others a sweep."""
        while self.layer:
            try:
                async with asyncio.timeout(1):
                    await self.something_to_do.wait()
            except TimeoutError:
                pass  # A join that failed is tried again each second.
            self.something_to_do.clear()
            try:
                await self.join_wanted()
                await self.publish_waiting()
            except Exception as error:
                log.warning("The channel layer is away: %r", error)
                self.unpublished.clear()

    async def join_wanted(self) -> None:
        if not self.channel:
            return
        for name in sorted(self.wanted - self.joined):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.layer.group_add(name, self.channel)
            self.joined.add(name)

    async def publish_waiting(self) -> None:
        while self.unpublished:
            name, envelope = self.unpublished.popleft()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.layer.group_send(name, {"type": "hear", "origin": self.origin, "envelope": envelope})

    async def listen_forever(self) -> None:
        """Hear the other processes, through every loss of the layer."""
        while self.layer:
            try:
                if not self.channel:
                    self.channel = await self.layer.new_channel("ear.")
                    self.something_to_do.set()
                message = await self.layer.receive(self.channel)
                if message["origin"] != self.origin:
                    await self.hear(message["envelope"])
            except Exception as error:
                log.warning("The channel layer is away: %r", error)
                await asyncio.sleep(1)
