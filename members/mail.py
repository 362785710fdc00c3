"""Letters to one person, in HTML and as text.

A letter is sent after the commit of what it tells about. One that could not be sent is logged without its address or
words, and harms nothing: whoever waits for it asks for another.
"""

import logging
import smtplib
from concurrent.futures import Future, ThreadPoolExecutor
from email.utils import formataddr

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from members.community.facts import in_its_time_zone, the_community

log = logging.getLogger(__name__)

INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
"""Writes the styles into the elements, for many mail programs drop a style sheet; the sheet stays for dark mode."""


POSTMEN = ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters")


def send_soon(to: str, subject: str, letter: str, **facts: object) -> Future[bool]:
    """Send a letter beside the request. One that is lost when the process ends was asked for by somebody who can ask again."""
    return POSTMEN.submit(send_letter, to, subject, letter, **facts)


def send_letter(to: str, subject: str, letter: str, **facts: object) -> bool:
    """Send `mail/<letter>.txt` and `.html`, drawn with these facts, to one address. False when it could not be sent."""
    community = the_community().name
    facts |= {"community_name": community, "site_url": settings.SITE_URL, "subject": subject}
    with in_its_time_zone():
        words, html = render_to_string(f"mail/{letter}.txt", facts), render_to_string(f"mail/{letter}.html", facts)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=words.strip() + "\n",
        from_email=formataddr((community, settings.MAIL_FROM)),
        to=[to],
        # Nobody's out-of-office answers a machine.
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(INLINER.inline(html), "text/html")
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("A letter (%s) was not sent: %s", letter, type(error).__name__)
        return False
    return True
