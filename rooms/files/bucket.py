"""Files in a bucket that speaks S3, for communities whose servers keep nothing themselves.

Needs `django-storages[s3]`, which is no part of what `./run` installs: it brings a hundred megabytes along.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage


@contextmanager
def said_as_a_disk_would() -> Iterator[None]:
    """Whoever stores and fetches expects the faults of a disk. The words of the original may hold the key."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(f"the bucket answered with {type(error).__name__}") from None


class Bucket(S3Storage):
    """Private objects under the names we give. Nothing is fetched from it but through us, after asking who may."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        with said_as_a_disk_would():
            saved: str = super().save(name, content, max_length)
            return saved

    def open(self, name: str, mode: str = "rb") -> Any:
        with said_as_a_disk_would():
            return super().open(name, mode)

    def delete(self, name: str) -> None:
        with said_as_a_disk_would():
            super().delete(name)
