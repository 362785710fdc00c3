"""What the server itself keeps for a while and may hold a message's words, for a purge: see members/purging.py."""

import json
from email.message import EmailMessage
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.conf import settings
from django_tasks_db.models import DBTaskResult

from chatserver.kept_mail import kept_in
from chatserver.mailbox import words_in
from members.mail import letter_in
from members.purging import Counts, Purge
from members.traces import holds


def purge_tasks(purge: Purge) -> Counts:
    """Work that waits or was given up, whose arguments repeat the words; sealed letters are opened for that."""
    going = [row.pk for row in DBTaskResult.objects.all() if holds(purge.traces, said_in(row.args_kwargs))]
    DBTaskResult.objects.filter(pk__in=going).delete()
    return {"Letters and other work in the queue": len(going)}


def said_in(called_with: dict[str, object]) -> str:
    """What a task is called with, in words; opened where it is sealed."""
    arguments = called_with.get("args") or []
    opened = [opened_letter(each) for each in arguments if isinstance(each, str)] if isinstance(arguments, list) else []
    return "\n".join([json.dumps(called_with, ensure_ascii=False), *opened])


def opened_letter(sealed: str) -> str:
    try:
        return json.dumps(letter_in(sealed), ensure_ascii=False)
    except (InvalidToken, ValueError):
        return ""


def purge_kept_mail(purge: Purge) -> Counts:
    """Mail that is kept in a folder because no mail server is set. What has left for a mail server cannot be called back."""
    folder, gone = Path(settings.MAIL_FOLDER), 0
    for number, letter in list(kept_in(folder)) if folder.is_dir() else ():
        if holds(purge.traces, all_words(letter)):
            (folder / f"{number}.eml").unlink(missing_ok=True)
            gone += 1
    return {"Kept mail": gone}


def all_words(letter: EmailMessage) -> str:
    return "\n".join([str(letter["subject"]), words_in(letter, "plain"), words_in(letter, "html")])
