"""The transaction rule: RECORD joins the transaction, TELL waits for its commit."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from events.catalogue import Event

type Reaction = Callable[[Any], None]


class Reactions(NamedTuple):
    """Who reacts to one event.

    `record` runs inside the transaction: database only, an error undoes everything.
    `tell` runs after the commit: sockets and workers; a failure is logged and harms nothing.
    """

    record: tuple[Reaction, ...] = ()
    tell: tuple[Reaction, ...] = ()


@cache
def table() -> Mapping[type[Event], Reactions]:
    """The reactions of this installation, found through settings as the root URLs are."""
    reactions: Mapping[type[Event], Reactions] = import_string(settings.REACTIONS)
    return reactions


def publish(event: Event) -> None:
    """Let everybody concerned know of `event`.

    Must be called inside the transaction that makes it true: a fact recorded outside could outlive a rollback.
    Raises RuntimeError outside a transaction, KeyError for an event without a line in the table.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{type(event).__name__} was published outside a transaction")
    reactions = table()[type(event)]
    for record in reactions.record:
        record(event)
    for tell in reactions.tell:
        # robust: one failing TELL must neither stop the next nor reach the caller, whose action has been committed.
        transaction.on_commit(partial(tell, event), robust=True)
