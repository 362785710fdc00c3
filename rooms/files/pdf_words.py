"""Run by rooms/files/pdf.py in a process of its own: the words of a PDF from stdin to stdout, page by page.

A PDF can be made to keep a reader busy for hours, or to fill the memory: so this one has little of either, and whatever
it had written when it was ended counts.
"""

import io
import resource
import sys

from pypdf import PdfReader

SECONDS = 8
MEMORY = 768 * 2**20
MOST_PAGES = 400


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for page in PdfReader(io.BytesIO(sys.stdin.buffer.read())).pages[:MOST_PAGES]:
        sys.stdout.buffer.write(page.extract_text().encode("utf-8", errors="replace") + b"\n\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
