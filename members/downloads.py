"""Files as answers."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import IO, cast

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import FileResponse


class Download(FileResponse):
    """Block by block also where it is served asynchronously: Django would first read the whole file into memory.

    And without the database: a pool's worth of slow readers would leave no connection for anybody.
    """

    block_size = 2**16

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await sync_to_async(close_old_connections)()
        read = partial(cast("IO[bytes]", self.file_to_stream).read, self.block_size)
        while block := await asyncio.to_thread(read):
            yield block
