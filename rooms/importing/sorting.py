"""Putting records in order without holding them: a temporary SQLite database of our own, which no kill leaves behind."""

import sqlite3
from collections.abc import Iterator
from enum import Enum
from itertools import batched, groupby
from operator import itemgetter

from rooms.importing.reading import Record


class Added(Enum):
    """What became of a record."""

    NEW = "new"
    AGAIN = "again"
    CLASHING = "clashing"


class Sorter:
    """Takes records in any order; gives them back by group and room, in order of time."""

    def __init__(self) -> None:
        # A database without a name: SQLite keeps it in a file that is deleted at once, and a little of it in memory.
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = off")
        self.database.execute("PRAGMA cache_size = -8000")
        self.database.execute("PRAGMA temp_store = file")
        self.database.execute(
            "CREATE TABLE records (kept_in TEXT, room TEXT, id INTEGER PRIMARY KEY, author INTEGER, sent_at INTEGER, text TEXT)"
        )
        self.database.execute("BEGIN")
        self.count = 0

    def add(self, record: Record) -> Added:
        """Keep a record, once: the same again is no harm, another with its id is."""
        cursor = self.database.execute("INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?, ?)", record)
        if cursor.rowcount:
            self.count += 1
            return Added.NEW
        kept = self.database.execute("SELECT * FROM records WHERE id = ?", [record.id]).fetchone()
        return Added.AGAIN if kept == record else Added.CLASHING

    def finish(self) -> None:
        """All are here: make ready to read."""
        self.database.execute("CREATE INDEX in_order ON records (kept_in, room, sent_at, id)")
        self.database.execute("CREATE INDEX first_words ON records (author, sent_at)")
        self.database.execute("COMMIT")

    def authors(self) -> Iterator[tuple[int, int]]:
        """Everybody who wrote, with the time of their first message."""
        yield from self.database.execute("SELECT author, min(sent_at) FROM records GROUP BY author ORDER BY author")

    def groups(self) -> list[tuple[str, int]]:
        """Every group, with the time of its first message."""
        return self.database.execute(
            "SELECT kept_in, min(sent_at) FROM records GROUP BY kept_in ORDER BY kept_in"
        ).fetchall()

    def authors_in(self, group: str) -> list[tuple[int, int]]:
        """Who wrote in a group, with the time of their first message there."""
        return self.database.execute(
            "SELECT author, min(sent_at) FROM records WHERE kept_in = ? GROUP BY author ORDER BY author", [group]
        ).fetchall()

    def batches(self, group: str, size: int) -> Iterator[tuple[str, list[Record]]]:
        """The rooms of a group, each in order of time, in pieces of at most `size` messages."""
        rows = self.database.execute(
            "SELECT * FROM records WHERE kept_in = ? ORDER BY kept_in, room, sent_at, id", [group]
        )
        for room, said in groupby(map(Record._make, rows), key=itemgetter(1)):
            for batch in batched(said, size):
                yield room, list(batch)

    def close(self) -> None:
        self.database.close()
