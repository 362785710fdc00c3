"""Database work of sockets and long polls: on a bounded pool of threads, beside the event loop.

Channels' own wrapper runs all of it on one thread, where one slow query holds up every socket of the process.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connections

POOL = ThreadPoolExecutor(max_workers=settings.COMMAND_THREADS, thread_name_prefix="command")


async def in_thread[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` on the pool and return what it returns, or raise what it raises."""

    def run() -> T:
        try:
            return work(*args, **kwargs)
        finally:
            give_back_connections()

    return await asyncio.get_running_loop().run_in_executor(POOL, run)


def give_back_connections() -> None:
    """Return a pooled connection, and drop a broken one. A sound SQLite connection stays with its thread: opening is dear.

    One in the middle of a transaction stays as well: closing it would undo what was done.
    """
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
