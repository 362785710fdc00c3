"""Stopping without losing anything: say so, send the sockets elsewhere, finish what is under way."""

import asyncio
import random

from events.ear import EAR
from events.frames import Frame

SECONDS = 5.0
"""Over which the sockets are sent away, so that they do not all come back at once."""
RESTART = 1012

under_way = False


async def drain(seconds: float = SECONDS) -> None:
    """Refuse to be ready, tell every socket to come back elsewhere after a random wait, and close them over `seconds`."""
    global under_way  # noqa: PLW0603 - one process drains once
    under_way = True
    if EAR.loop is None:
        return
    listeners = list(EAR.listeners)
    EAR.deliveries.add(Frame.of("away", within=seconds), listeners)
    random.shuffle(listeners)
    for place, listener in enumerate(listeners, 1):
        listener.close(RESTART)
        if place % 50 == 0:
            await asyncio.sleep(seconds * 50 / len(listeners))
    await asyncio.sleep(0.2)
