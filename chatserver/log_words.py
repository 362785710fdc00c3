"""What a log never says."""

import logging
import re

LINKS = re.compile(r"(/invitations/)[\w-]{20,}")
"""The address of an invitation lets its reader join."""


class WithoutLinks(logging.Filter):
    """Django writes the address of each page that it refused; whoever reads logs must not be able to use one."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if LINKS.search(said):
            record.msg, record.args = LINKS.sub(r"\1…", said), ()
        return True
