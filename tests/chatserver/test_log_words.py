"""What a log never says."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from chatserver.log_words import WithoutLinks
from members.invitations.actions import new_token
from tests.cast import Cast
from tests.rooms.test_invitations import FORM, invites, token_in


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What Django writes of requests, through our filter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(WithoutLinks())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def test_a_log_holds_no_link_that_lets_its_reader_join(cast: Cast, log: io.StringIO) -> None:
    link = invites(cast.mo)
    client = Client(headers={"host": "localhost"})
    client.post(link, {**FORM, "display_name": ""})
    client.get(f"/invitations/{new_token()}/")
    assert "Bad Request: /invitations/…/" in log.getvalue()
    assert "Gone: /invitations/…/" in log.getvalue()
    assert token_in(link) not in log.getvalue()


def test_every_handler_has_the_filter() -> None:
    handlers: Any = settings.LOGGING["handlers"]
    assert all("without_links" in handler["filters"] for handler in handlers.values())
