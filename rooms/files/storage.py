"""Where the bytes lie: under random names without an ending, in the storage that settings call "files"."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage, storages


def files_storage() -> Storage:
    return storages["files"]


def random_name() -> str:
    """Nobody can guess it, nothing can be told from it, and no server would take it for a page."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name}"


def remove(names: Iterable[str]) -> None:
    """Take away what is stored under these names; a name without anything under it is no fault."""
    storage = files_storage()
    for name in names:
        storage.delete(name)


class Folder(FileSystemStorage):
    """A folder of this computer. What it took survives a power cut, as messages do."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        saved = super().save(name, content, max_length)
        path = Path(self.path(saved))
        for place in (path, path.parent, path.parent.parent):
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved
