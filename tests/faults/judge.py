"""The promises, held against what those who took part saw and what the database has in the end.

once       a message that was acknowledged exists exactly once, one of which nobody knows at most once, a refused one never
versions   in a room every change took the next version: none twice, none left out
kept       an acknowledged edit or removal stands
level      every reader becomes level by itself, with every room on the screen that they belong to
same       every screen shows the list that the database has: the same messages, order, wording and removals
reload     what came by frames looks as what a page loaded now shows
order      what one member sent after an acknowledgement stands after what was acknowledged
secret     nobody gets anything of a room that they may not read
removed    the words of a removed message are on no screen, and nowhere in the database
answers    no answer but those that the fault excuses
"""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from tests.faults import people
from tests.faults.journal import FOREVER, Absence, Heard, Journal, Post
from tests.faults.view import TOKEN, View

if TYPE_CHECKING:
    from tests.faults.reader import Reader
    from tests.faults.run import Run

SAME_PROCESS, OTHER_PROCESS = 1.0, 5.0
"""Seconds after a membership ended in which a socket may still hear what is posted then."""
LATE_NOTICE = 0.3
SHOWN = 5
"""Examples of one broken promise."""


@dataclass(slots=True)
class Stored:
    """One message as the database has it."""

    id: int
    room: str
    created: int
    version: int
    author: str
    client_id: str
    text: str
    removed: bool

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        return found.group() if found else ""


@dataclass(slots=True)
class Verdict:
    """What came out of a run. `broken` is empty when every promise held."""

    name: str
    seed: int
    broken: list[tuple[str, str]] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    server_logs: str = ""

    @property
    def promises(self) -> set[str]:
        """The promises that were broken."""
        return {promise for promise, _ in self.broken}

    def break_(self, promise: str, found: list[str]) -> None:
        """Note examples of a broken promise, if there are any."""
        self.broken += [(promise, words) for words in found[:SHOWN]]
        if len(found) > SHOWN:
            self.broken.append((promise, f"and {len(found) - SHOWN} more"))

    def __str__(self) -> str:
        wide = max(map(len, self.done))
        lines = [f"  {what:<{wide}}  {much}" for what, much in self.done.items()]
        lines += [f"  ✗ {promise}: {words}" for promise, words in self.broken] or ["  ✓ every promise held"]
        lines += [f"  The whole story: {self.file}"] if self.file else []
        return "\n".join([f"{self.name}, seed {self.seed}", *lines])


def judge(run: "Run") -> Verdict:
    journal = run.journal
    messages = [Stored(pk, run.community.room_key(room), *row) for pk, room, *row in run.stored["messages"]]
    verdict = Verdict(run.plan.name, run.plan.seed)
    verdict.break_("once", once(journal.posts, messages))
    verdict.break_("versions", versions(run, messages))
    verdict.break_("kept", what_was_changed(journal.posts, messages))
    verdict.break_("level", levels(run))
    verdict.break_("same", same_lists(run, messages))
    verdict.break_("reload", same_as_reloaded(run))
    verdict.break_("order", orders(journal.posts))
    verdict.break_("secret", [*journal.leaks, *leaks(journal), *entries(journal)])
    verdict.break_("removed", removed_words(run, messages))
    verdict.break_("answers", journal.oddities)
    verdict.done = table(run, messages)
    return verdict


# --- In the database ---


def once(posts: list[Post], messages: list[Stored]) -> list[str]:
    by_client = defaultdict(list)
    for message in messages:
        by_client[message.client_id].append(message)
    found = []
    for post in posts:
        stored = by_client.pop(post.client_id, [])
        most = 0 if post.outcome == "fail" else 1
        if len(stored) > most or (post.outcome == "ok" and not stored):
            found.append(
                f"{post.token} of {post.writer} in {post.room}: {post.outcome}, and stored {len(stored)} times"
            )
        if len(set(post.answers)) > 1:
            found.append(f"{post.token} of {post.writer} got different answers: {sorted(set(post.answers))}")
        if stored and post.answers and post.answers[0] != (stored[0].id, stored[0].created):
            found.append(
                f"{post.token}: acknowledged as {post.answers[0]}, stored as {(stored[0].id, stored[0].created)}"
            )
    return found + [f"nobody wrote {client_id}" for client_id in by_client]


def versions(run: "Run", messages: list[Stored]) -> list[str]:
    journal, found = run.journal, []
    taken: dict[tuple[str, int], str] = {}
    deeds = [(post.room, post.answers[0][1], f"post {post.token}") for post in journal.posts if post.answers]
    for room, version, deed in [*deeds, *journal.taken]:
        if (room, version) in taken:
            found.append(f"{room}: version {version} was taken by {taken[room, version]} and by {deed}")
        taken[room, version] = deed
    sure = journal.turns + Counter(post.room for post in journal.posts if post.outcome == "ok")
    doubtful = journal.doubtful_turns + Counter(post.room for post in journal.posts if post.outcome == "unknown")
    for (
        post
    ) in journal.posts:  # A reply may take a version of its own when the words that it shows of another one change.
        doubtful[post.room] += post.replies * (len(post.wordings) + (post.removal != "no"))
    for pk, version, changed, _ in run.stored["rooms"]:
        room = run.community.room_key(pk)
        mine = [message for message in messages if message.room == room]
        if len({message.created for message in mine}) != len(mine):
            found.append(f"{room}: two messages have the same place")
        highest = max([message.version for message in mine] + [changed])
        if version != highest:
            found.append(f"{room} is at version {version}, its highest change has {highest}")
        if not sure[room] <= version <= sure[room] + doubtful[room]:
            found.append(f"{room} is at version {version} after {sure[room]} changes and {doubtful[room]} perhaps")
    return found


def what_was_changed(posts: list[Post], messages: list[Stored]) -> list[str]:
    """An acknowledged removal stands, and so does the wording that was acknowledged last."""
    by_id = {message.id: message for message in messages}
    found = []
    for post in posts:
        message = by_id.get(post.answers[0][0]) if post.answers else None
        if message is None:
            continue
        wordings = {post.standing or post.token, *post.perhaps}
        if post.removal == "no" and message.removed:
            found.append(f"{post.token} was removed by nobody")
        if post.removal == "yes" and not message.removed:
            found.append(f"{post.token} stands, though its removal was acknowledged")
        if not message.removed and message.token not in wordings:
            found.append(f"{post.token} says {message.token}, not {wordings}")
    return found


def orders(posts: list[Post]) -> list[str]:
    """What was sent after an acknowledgement stands after what was acknowledged. One writer sends one after the other."""
    found = []
    newest: dict[tuple[str, str], list[Post]] = defaultdict(list)
    for post in sorted((post for post in posts if post.answers), key=lambda post: post.invoked_at):
        earlier = newest[post.writer, post.room]
        found += [
            f"{before.token} was acknowledged before {post.token} was sent, and stands after it"
            for before in earlier[-20:]
            if before.acked_at < post.invoked_at and before.answers[0][1] > post.answers[0][1]
        ]
        earlier.append(post)
    return found


# --- On the screens ---


def levels(run: "Run") -> list[str]:
    now = {room: version for room, version, _, _ in run.stored["rooms"]}
    found = []
    for reader in (*run.readers, run.auditor):
        for key in reader.behind(now):
            view = reader.views.get(run.community.rooms[key])
            has = f"{view.held} of {now[view.room]}" if view else "no such room"
            found.append(f"{reader.handle} has {has} in {key}")
    return found


def same_lists(run: "Run", messages: list[Stored]) -> list[str]:
    names = {run.community.room_key(pk): (changed, name) for pk, _, changed, name in run.stored["rooms"]}
    by_room = defaultdict(list)
    for message in messages:
        by_room[message.room].append(message)
    return [
        words
        for reader in (*run.readers, run.auditor)
        for room, view in reader.views.items()
        for words in differences(reader, view, by_room[reader.rooms[room]], names[reader.rooms[room]])
    ]


def differences(reader: "Reader", view: View, messages: list[Stored], named: tuple[int, str]) -> list[str]:
    """Between a screen and the database. A page that was loaded at some version has what changed after it."""
    room = reader.rooms[view.room]
    wanted = [(one.id, one.created, one.token) for one in messages if one.version > view.base]
    shown = [
        (pk, one.created, one.token) for pk, one in sorted(view.messages.items(), key=lambda item: item[1].created)
    ]
    found = []
    if wanted != shown:
        differing = sorted(set(wanted) ^ set(shown))[:4]
        found.append(f"{reader.handle} in {room}: {len(shown)} messages instead of {len(wanted)}, as {differing}")
    if named[0] > view.base and named != (view.named_at, view.name):
        found.append(f"{reader.handle} in {room}: it is called “{view.name}”, not “{named[1]}”")
    return found


def same_as_reloaded(run: "Run") -> list[str]:
    found = []
    for reader in run.readers:
        for room, view in reader.views.items():
            reloaded = run.auditor.views.get(room)
            for pk, shown in view.messages.items():
                fresh = reloaded.messages.get(pk) if reloaded else None
                if fresh and fresh.html != shown.html:
                    found.append(f"{reader.handle} in {reader.rooms[room]}: {first_difference(shown.html, fresh.html)}")
    return found


def first_difference(shown: str, fresh: str) -> str:
    same = next((at for at, (one, other) in enumerate(zip(shown, fresh, strict=False)) if one != other), 0)
    at = max(0, same - 30)
    return f"{shown[at : at + 80]!r}, after a reload {fresh[at : at + 80]!r}"


def removed_words(run: "Run", messages: list[Stored]) -> list[str]:
    removed = {message.id: message for message in messages if message.removed}
    gone: set[str] = set()
    for post in run.journal.posts:
        if post.answers and post.answers[0][0] in removed:
            gone |= {post.token, *post.wordings}
    found = [f"{message.client_id} was removed and keeps its words" for message in removed.values() if message.text]
    found += [
        f"an earlier wording of a removed message is kept: {words}"
        for pk, words in run.stored["earlier"]
        if pk in removed
    ]
    for reader in (*run.readers, run.auditor):
        for view in reader.views.values():
            words = {token for shown in view.messages.values() for token in TOKEN.findall(shown.html)}
            found += [f"{reader.handle} still sees {token}" for token in words & gone]
    return found


# --- Who may not know ---


def leaks(journal: Journal) -> list[str]:
    """Frames about the revolving room that came to somebody who was out of it, about what happened after they were."""
    found = []
    for heard in journal.heard:
        for absence in absences_of(journal, heard.who):
            if absence.left < heard.at < absence.joining and is_too_late(journal, heard, absence):
                late = heard.at - absence.left
                found.append(f"{heard.who} heard a {heard.kind} (version {heard.version}) {late:.2f} s after leaving")
    return found


def absences_of(journal: Journal, who: str) -> list[Absence]:
    if who in people.EVERYONE and not people.belongs(who, "revolving"):
        return [Absence(0, 0, FOREVER, "never")]
    return journal.absences.get(who, [])


def is_too_late(journal: Journal, heard: Heard, absence: Absence) -> bool:
    if absence.by == "never":
        return True
    disturbed = any(journal.faults_between(absence.leaving - 5, heard.at))
    same = absence.by == heard.server and not disturbed
    allowed = absence.left + (SAME_PROCESS if same else OTHER_PROCESS)
    if heard.version is None:
        return heard.at > allowed + OTHER_PROCESS  # Who is here: it may have waited in the pipe of one who stalled.
    reached = journal.version_after("revolving", allowed)
    return reached is not None and heard.version > reached


def entries(journal: Journal) -> list[str]:
    """Questions about a room that were answered although the one who asked was out of it all the while."""
    found = []
    for opened in journal.opened:
        absences = absences_of(journal, opened.who) if opened.room == "revolving" else []
        outside = any(absence.left < opened.asked and opened.answered < absence.joining for absence in absences)
        if outside or not people.belongs(opened.who, opened.room):
            found.append(f"{opened.who} was let into {opened.room} at {opened.asked - journal.began:.2f} s")
    return found


def unjust_exiles(journal: Journal) -> list[str]:
    """Members who were told that they may no longer read a room, though they had been back for a while and belonged to it."""
    found = []
    for at, who in journal.exiles:
        absences = journal.absences.get(who, [])
        came_back = max((absence.joining for absence in absences if absence.leaving < at), default=0.0)
        disturbed = any(journal.faults_between(at - 3, at))
        if came_back + LATE_NOTICE < at and not disturbed and who not in people.STALLERS:
            found.append(f"{who} was put out {at - came_back:.2f} s after coming back")
    return found


# --- What was done ---


def table(run: "Run", messages: list[Stored]) -> dict[str, str]:
    journal = run.journal
    journal.counts["put out though a member"] = len(unjust_exiles(journal))
    outcomes = Counter(post.outcome for post in journal.posts)
    done = {
        "posts": f"{len(journal.posts)}: {', '.join(f'{outcomes[one]} {one}' for one in ('ok', 'fail', 'unknown'))}",
        "stored": f"{len(messages)} messages, {sum(message.removed for message in messages)} of them removed",
        "post to acknowledgement": spread([seconds for _, seconds in journal.waits]),
        "post to other screens": spread(journal.delays),
        "faults": ", ".join(f"{count} × {what}" for what, count in Counter(one.what for one in journal.faults).items()),
        "level after": f"{run.level_after:.1f} s of quiet",
        "took": f"{time.monotonic() - journal.began:.0f} s",
    }
    return done | {what: str(count) for what, count in sorted(journal.counts.items())}


def spread(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "not measured"
    cuts = quantiles(seconds, n=100)
    return ", ".join(
        f"{name} {cuts[percent - 1] * 1000:.0f} ms" for name, percent in (("median", 50), ("95%", 95), ("99%", 99))
    )
