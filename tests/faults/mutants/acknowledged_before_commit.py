"""The sender is told "stored" while the transaction is still open. Whoever dies in between takes the message along."""

import threading
import time
from concurrent.futures import Future

from django.db import transaction

from members.models import Member
from members.screens import Hold
from rooms.actions import messages
from rooms.actions.messages import Drawn
from rooms.commands import PostMessage
from rooms.models import HeldPost, Message
from rooms.threads import give_back_connections

TOO_EARLY_BY = 0.3


def infect() -> None:
    store = messages.store

    def store_soon(author: Member, command: PostMessage, drawn: Drawn, hold: Hold | None) -> Message | HeldPost:
        answer: Future[Message | HeldPost] = Future()

        def work() -> None:
            try:
                with transaction.atomic():
                    answer.set_result(store(author, command, drawn, hold))
                    time.sleep(TOO_EARLY_BY)
            except Exception as error:  # The caller gets it, unless it has an answer already.
                if not answer.done():
                    answer.set_exception(error)
            finally:
                give_back_connections()

        threading.Thread(target=work).start()
        return answer.result()

    messages.store = store_soon
