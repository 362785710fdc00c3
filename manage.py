#!/usr/bin/env python
"""Django's command line: .venv/bin/python manage.py help"""

import os
import sys

from chatserver.env import BadSetting


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as bad:
        sys.exit(f"error: {bad}")


if __name__ == "__main__":
    main()
