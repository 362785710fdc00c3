"""Stopping without losing anything: say so, send the sockets away, finish what is under way."""

import asyncio
import random

from django.conf import settings

from events.ear import EAR
from events.frames import Frame

RESTART = 1012
RESTART_SECONDS = 1.5
"""A new process takes about that long until it answers."""
BACK_A_SECOND = 500
"""Sockets that it then lets in a second: more at once would hold up the pages that are asked for meanwhile."""
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
    EAR.deliveries.add(when_to_come_back(len(listeners), elsewhere=seconds > 0), listeners)
    random.shuffle(listeners)
    for place, listener in enumerate(listeners, 1):
        listener.close(RESTART)
        if place % AT_A_TIME == 0:
            await asyncio.sleep(seconds * AT_A_TIME / len(listeners))
    await asyncio.sleep(0.2)


def when_to_come_back(count: int, *, elsewhere: bool) -> Frame:
    """The `away` frame for so many sockets: after so many seconds, within so many more."""
    if elsewhere:
        return Frame.of("away", after=0, within=1)
    return Frame.of("away", after=RESTART_SECONDS, within=max(2, count / BACK_A_SECOND))
