"""`manage.py import_conversations FILE`: conversations that were held elsewhere, as working groups and rooms."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import reset_queries

from members.models import Member
from members.screens import NOTHING_ANSWERED
from rooms.importing.progress import Progress
from rooms.importing.reading import BadLine, Damaged, lines, record
from rooms.importing.sorting import Added, Sorter
from rooms.importing.writing import AT_A_TIME, GroupWriter, HandleTaken, HistoryClosed, join, write_group, write_members


class Command(BaseCommand):
    help = (
        "Import conversations from a .jsonl or .jsonl.gz file with a message on each line: group, room, id, author,"
        " sent_at (seconds since 1970), body (Markdown). Stopped half-way, or run again, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--join", metavar="HANDLE", help="An existing member who is to belong to every group.")

        parser.add_argument(
            "--not-about-patients",
            action="store_true",
            help="Let in what could be about a patient too. What names one beyond doubt stays out: docs/patient-data.md.",
        )

    def handle(self, *, file: Path, join: str | None = None, not_about_patients: bool = False, **_: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        self.counts = Counter[str]()
        self.answered = frozenset({"about_a_patient"}) if not_about_patients else NOTHING_ANSWERED
        self.progress = Progress(sys.stderr)
        onlooker = member_called(join) if join else None
        sorter = Sorter()
        try:
            self.read(file, sorter)
            self.write(sorter, onlooker)
        except (Damaged, HandleTaken, HistoryClosed) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped: {self.summary()} Run it again to go on.", returncode=130) from None
        finally:
            self.progress.clear()
            sorter.close()
        self.stdout.write(self.summary())

    def read(self, file: Path, sorter: Sorter) -> None:
        """Everything into the sorter, save what is bad."""
        for number, line in lines(file):
            try:
                added = sorter.add(record(line, self.answered))
                if added is Added.CLASHING:
                    raise BadLine("id is that of another message above")
            except BadLine as error:
                self.counts["bad"] += 1
                self.progress.complain(number, str(error))
                continue
            self.counts["present"] += added is Added.AGAIN
            self.progress.show("Reading", number)
        self.progress.finish_complaint()
        sorter.finish()

    def write(self, sorter: Sorter, onlooker: Member | None) -> None:
        """Everything out of the sorter, group by group."""
        members = write_members(sorter.authors())
        done = 0
        for name, first_at in sorter.groups():
            group = write_group(name, first_at, sorter.authors_in(name), members)
            writer = GroupWriter(group, members)
            for room, batch in sorter.batches(name, AT_A_TIME):
                written = writer.write(room, batch)
                done += len(batch)
                self.counts["imported"] += written
                self.counts["present"] += len(batch) - written
                self.progress.show("Writing", done, sorter.count)
                # With DEBUG Django keeps every query, and so every message.
                reset_queries()
            if onlooker:
                join(onlooker, group)

    def summary(self) -> str:
        imported, present, bad = (self.counts[what] for what in ("imported", "present", "bad"))
        return f"{imported:,} messages imported, {present:,} already there, {bad:,} bad lines."


def member_called(handle: str) -> Member:
    """Raises CommandError."""
    member = Member.objects.filter(handle=handle.removeprefix("@")).first()
    if member is None:
        raise CommandError(f"There is no member {handle} to join the groups.")
    return member
