"""Stopping without losing anything: say so, send the sockets away, finish what is under way."""

import asyncio
import random

from django.conf import settings

from events.ear import EAR
from events.frames import Frame

RESTART = 1012
BACK_WITHIN = 5.0
"""Seconds over which the open pages come back to a server that restarts: all at once would hold up each other."""
ELSEWHERE_WITHIN = 1.0
"""The same where they come to other servers, over all the time that the drain takes."""
AT_A_TIME = 50

under_way = False


async def drain() -> None:
    """Refuse to be ready, tell every socket when to come back, and close them one after the other.

    Where other servers take over, DRAIN_SECONDS spreads their coming. Where this one starts again there is nobody to
    spare: it closes them all at once, to be back the sooner.
    """
    global under_way  # noqa: PLW0603 - one process drains once
    under_way = True
    if EAR.loop is None:
        return
    seconds = settings.DRAIN_SECONDS
    listeners = list(EAR.listeners)
    EAR.deliveries.add(Frame.of("away", within=ELSEWHERE_WITHIN if seconds else BACK_WITHIN), listeners)
    random.shuffle(listeners)
    for place, listener in enumerate(listeners, 1):
        listener.close(RESTART)
        if place % AT_A_TIME == 0:
            await asyncio.sleep(seconds * AT_A_TIME / len(listeners))
    await asyncio.sleep(0.2)
