"""A copy of what is kept of a member, for them to take along: JSON, the same to read in a browser, and their files.

Every floor says what it keeps of a member: settings.COPIED names those functions, like the screens of what is posted. A
copy is a row before it is a file, made beside the requests by whichever process claims it first.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from members.backlog import Backlog, backlog
from members.community.facts import the_community
from members.mail import send_soon
from members.models import DataCopy, Member, Photo
from members.refusals import NotHere, TooFast

KEPT_FOR = timedelta(days=7)
LEASE = timedelta(minutes=15)
"""Who claimed a copy and has not finished it by then is taken to be dead."""
A_DAY = 3
CHUNK = 1 << 20

type Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of what is kept. `rows` are plain values, times among them; `files` are names in the copy and their openers."""

    name: str
    title: str
    rows: Iterable[Row]
    files: Iterable[tuple[str, Callable[[], AbstractContextManager[IO[bytes]]]]] = field(default=())


@cache
def what_is_kept() -> tuple[Callable[[Member], Iterator[Part]], ...]:
    return tuple(import_string(name) for name in settings.COPIED)


@transaction.atomic
def ask_for_copy(member: Member) -> DataCopy:
    """Have a copy made; while one is in the making it stays that one. Raises TooFast."""
    copies = DataCopy.objects.filter(member=member)
    waiting = copies.filter(ready_at=None, failed_at=None).first()
    if waiting:
        return waiting
    if copies.filter(asked_at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
        raise TooFast(f"{A_DAY} copies a day are made at most. The latest one is below.")
    return DataCopy.objects.create(member=member)


def copy_for(member: Member, copy_id: int) -> DataCopy:
    """One of the member's own copies that is there to be taken. Raises NotHere."""
    now = timezone.now()
    found = DataCopy.objects.filter(member=member, pk=copy_id, ready_at__isnull=False, expires_at__gt=now).first()
    if found is None or not path_of(found).is_file():
        raise NotHere
    return found


def path_of(copy: DataCopy) -> Path:
    return Path(settings.COPIES_FOLDER) / f"{copy.stored_as}.zip"


def remove_files_of(copy: DataCopy) -> None:
    """What is stored of a copy, and what a process that died left of it half written."""
    path_of(copy).unlink(missing_ok=True)
    for draft in path_of(copy).parent.glob(f"{copy.stored_as}.*.draft"):
        draft.unlink(missing_ok=True)


def make_waiting_copies() -> None:
    """Make every copy that is asked for, one after the other."""
    while copy := claim():
        make(copy)


def copies_to_make() -> Backlog:
    unmade = DataCopy.objects.filter(ready_at=None)
    return backlog(unmade.filter(failed_at=None), since="asked_at", failed=unmade.exclude(failed_at=None))


def claim() -> DataCopy | None:
    """The next copy that nobody is making, claimed for this process."""
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    waiting = DataCopy.objects.filter(free, ready_at=None, failed_at=None)
    for copy in waiting.select_related("member__organisation", "member__profession").order_by("asked_at")[:5]:
        if DataCopy.objects.filter(free, pk=copy.pk).update(claimed_at=now):
            return copy
    return None


def make(copy: DataCopy) -> None:
    """Write the copy and tell its member. One that cannot be made is said to be, and not tried for ever."""
    path_of(copy).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path_of(copy).with_suffix(f".{secrets.token_hex(4)}.draft")
    try:
        with draft.open("xb") as file:
            draft.chmod(0o600)
            write(copy, file)
        draft.rename(path_of(copy))
    except Exception:
        DataCopy.objects.filter(pk=copy.pk).update(failed_at=timezone.now())
        raise
    finally:
        draft.unlink(missing_ok=True)
    now = timezone.now()
    made = DataCopy.objects.filter(pk=copy.pk, ready_at=None)
    if not DataCopy.objects.filter(pk=copy.pk).exists():
        # Something in it was purged meanwhile, and another is to be made.
        path_of(copy).unlink(missing_ok=True)
        return
    with transaction.atomic():
        if made.update(ready_at=now, done=100, size=path_of(copy).stat().st_size, expires_at=now + KEPT_FOR):
            page = settings.SITE_URL + reverse("my_data")
            send_soon(copy.member.email, "The copy of your data is ready", "copy_ready", page=page, days=KEPT_FOR.days)


def write(copy: DataCopy, file: IO[bytes]) -> None:
    """The copy itself: data.json, index.html and files/."""
    makers = what_is_kept()
    parts: list[Part] = []
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for number, maker in enumerate(makers):
            for part in maker(copy.member):
                parts.append(Part(part.name, part.title, list(part.rows)))
                pack_files(packed, part)
            DataCopy.objects.filter(pk=copy.pk).update(done=95 * (number + 1) // len(makers))
        data = {part.name: part.rows for part in parts}
        packed.writestr("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        page = {
            "parts": parts,
            "member": copy.member,
            "made_at": timezone.now(),
            "community_name": the_community().name,
        }
        packed.writestr("index.html", render_to_string("copies/index.html", page))


def pack_files(packed: ZipFile, part: Part) -> None:
    for name, opened in part.files:
        with opened() as source, packed.open(f"files/{name}", "w", force_zip64=True) as place:
            while chunk := source.read(CHUNK):
                place.write(chunk)


def remove_old_copies() -> None:
    """Delete the files of copies whose time is over, then their rows."""
    over = Q(expires_at__lt=timezone.now()) | Q(failed_at__lt=timezone.now() - KEPT_FOR)
    for copy in DataCopy.objects.filter(over):
        path_of(copy).unlink(missing_ok=True)
        copy.delete()


# --- What this floor keeps ---


def about_member(member: Member) -> Iterator[Part]:
    """Who they are, and where they are signed in."""
    yield Part(
        "member",
        "You",
        [
            {
                "name": member.display_name,
                "handle": member.handle,
                "address": member.email,
                "real name": member.real_name,
                "pronouns": member.pronouns,
                "profession": member.profession_name,
                "organisation": str(member.organisation or ""),
                "role": member.get_role_display(),
                "ask me about": member.ask_me_about,
                "time zone": member.time_zone,
                "in the list of members": member.is_listed,
                "joined": member.joined_at,
                "house rules agreed to": member.rules_agreed or "",
                "house rules read": member.rules_seen or "",
            }
        ],
        files=[("photo.webp", partial(BytesIO, photo.picture)) for photo in Photo.objects.filter(member=member)],
    )
    sessions = member.sessions.order_by("began_at").values("browser", "began_at", "seen_at", "is_shared")
    yield Part("sessions", "Where you are signed in", sessions)
    blocked = member.blocks.order_by("pk").values("other__display_name", "made_at")
    yield Part("blocked", "People you blocked", blocked)
    yield Part("muted", "People you muted", member.mutes.order_by("pk").values("other__display_name", "made_at"))
    ways = Authenticator.objects.filter(user=member).order_by("created_at")
    yield Part("ways_in", "Passkeys and authenticator apps", ways.values("type", "created_at", "last_used_at"))
