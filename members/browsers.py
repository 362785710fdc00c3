"""What a browser is called, so that members recognise their own in a list."""

import re

NAMES = (
    # The order matters: most browsers also name the ones that they are like.
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux"),
)


def browser_called(user_agent: str) -> str:
    """`Firefox on Windows`, or what is known of it, from a User-Agent header."""
    name = first_in(NAMES, user_agent) or "A browser"
    system = first_in(SYSTEMS, user_agent)
    return f"{name} on {system}" if system else name


def first_in(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")
