"""The words of a PDF, read by pypdf in a process of its own that has little time and memory."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

READER = Path(__file__).with_name("pdf_words.py")
SECONDS = 10
"""By the clock; of the processor it has less (pdf_words.py)."""


def text_of_pdf(content: IO[bytes]) -> str:
    """As many of its words as could be read: none where it is locked, damaged or drawn."""
    written = content.read()
    if b"/Font" not in written and b"/ObjStm" not in written:
        return ""  # Words need a font, which stands in the open or in a packed stream of objects.
    # -I: nothing from where the server was started, nor from its environment.
    command = [sys.executable, "-I", "-W", "ignore", str(READER)]
    try:
        # Nothing in the command comes from outside.
        read = subprocess.run(  # noqa: S603
            command, input=written, capture_output=True, timeout=SECONDS, check=False, env={}
        )
        found = read.stdout
        if read.returncode == 1 and b"No module named" in read.stderr:
            log.error("PDFs are not looked into: pypdf is not installed.")
    except subprocess.TimeoutExpired as over:
        found = over.stdout or b""
    return found.decode(errors="replace")
