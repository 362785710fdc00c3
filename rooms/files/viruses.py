"""A ClamAV daemon looks at every file before anything else does, where CLAMD_URL names one."""

import logging
import socket
from typing import IO

from django.conf import settings

from members.refusals import BadRequest, TryAgain

log = logging.getLogger(__name__)

SECONDS = 60
BLOCK = 2**16


def look_for_viruses(content: IO[bytes]) -> None:
    """Raises BadRequest for a virus, and TryAgain when the daemon cannot tell: then no file is taken."""
    if settings.CLAMD is None:
        return
    try:
        answer = ask(settings.CLAMD, content)
    except OSError as error:
        log.error("The virus scanner does not answer: %s", error)
        answer = b""
    content.seek(0)
    if answer.endswith(b"FOUND"):
        raise BadRequest("The virus scanner found something harmful in this file.", code="file_harmful")
    if answer != b"stream: OK":
        log.error("The virus scanner said %r", answer)
        raise TryAgain("Files cannot be checked for viruses just now, so none are taken. Try again later.")


def ask(address: str | tuple[str, int], content: IO[bytes]) -> bytes:
    """What the daemon says of it: INSTREAM, then blocks with their lengths before them, and an empty one at the end."""
    with connected(address) as line:
        line.sendall(b"zINSTREAM\0")
        content.seek(0)
        while block := content.read(BLOCK):
            line.sendall(len(block).to_bytes(4) + block)
        line.sendall(bytes(4))
        answer = b""
        while block := line.recv(1024):
            answer += block
        return answer.rstrip(b"\0")


def connected(address: str | tuple[str, int]) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, SECONDS)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(SECONDS)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line
