"""Takes letters from a mail server, by LMTP or SMTP. "250" means that it is done: what is posted has been committed.

It is a door for the mail server that stands before us, not for the whole world: no encryption, few connections. Whatever
dies in between, that server brings the letter again, and a letter that comes twice is posted once.
"""

import asyncio
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

from notifications.replies.taking import LARGEST_LETTER, Taken, take_letter
from rooms.mail_address import NoSuchAddress, read_address
from rooms.threads import give_back_connections

log = logging.getLogger(__name__)

READERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters in")
"""Few, for each unpacks a letter in memory, with all its pictures."""
MOST_CONNECTIONS = 8
IDLE_SECONDS = 300
MOST_COMMANDS = 200
"""Of each kind, in one connection."""
ANSWERS = {
    Taken.POSTED: "250 2.6.0 Posted",
    Taken.ANSWERED: "250 2.6.0 Not posted; a letter to the member says why",
    Taken.DROPPED: "250 2.6.0 Letters of machines are not answered",
    Taken.NOBODY: "550 5.1.1 There is no such address here",
    Taken.NOT_THEIRS: "550 5.7.1 This address takes letters only from its member's own address",
    Taken.LATER: "451 4.3.0 Not now, try again later",
}


class Letterbox:
    """What the protocol asks of us."""

    def __init__(self) -> None:
        self.connections: set[asyncio.Protocol] = set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        try:
            read_address(address)
        except NoSuchAddress as reason:
            return f"550 5.1.1 {reason}"
        if envelope.rcpt_tos:
            # Each address has an answer of its own, and there is only one to a letter.
            return "452 4.5.3 One address at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Yes"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        [to] = envelope.rcpt_tos
        return await asyncio.get_running_loop().run_in_executor(
            READERS, self.take, envelope.content, to, (envelope.mail_from or "").strip("<>")
        )

    def take(self, raw: bytes, to: str, envelope_from: str) -> str:
        try:
            return ANSWERS[take_letter(raw, to, envelope_from=envelope_from)]
        except Exception as error:
            # Its words may be those of the letter.
            log.error("A letter could not be taken: %s", type(error).__name__)
            return ANSWERS[Taken.LATER]
        finally:
            give_back_connections()

    async def handle_exception(self, error: Exception) -> str:
        log.warning("A mail server was not understood: %s", type(error).__name__)
        return "451 4.3.0 Not understood"


class Listener:
    """Listens on a thread of its own from `start` on. Raises OSError where the address is taken."""

    def __init__(self, speaks: str, host: str, port: int, *, is_shared: bool = False) -> None:
        """`is_shared`: several processes of ours listen on it."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, port), family=family, reuse_port=is_shared)
        self.protocol = CountedLMTP if speaks == "lmtp" else Counted
        self.letterbox = Letterbox()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, name="mail listener", daemon=True)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self.loop.create_server(self.connection, sock=self.socket))
            self.loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()

    def connection(self) -> asyncio.Protocol:
        if len(self.letterbox.connections) >= MOST_CONNECTIONS:
            return Busy()
        return self.protocol(
            self.letterbox,
            data_size_limit=LARGEST_LETTER,
            enable_SMTPUTF8=True,
            # Otherwise the name of this computer is looked up at each connection.
            hostname="roundtable",
            ident="Roundtable",
            timeout=IDLE_SECONDS,
            command_call_limit=MOST_COMMANDS,
            loop=self.loop,
        )

    def stop(self) -> None:
        """Let go of the address. What is under way breaks off; it is brought again."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.socket.close()


class Counted(SMTP):
    """Says to the letterbox that it is there; and takes lines as long as careless programs write them."""

    event_handler: Letterbox
    line_length_limit = 2**16

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.connections.discard(self)
        super().connection_lost(error)


class CountedLMTP(Counted, LMTP):
    pass


class Busy(asyncio.Protocol):
    """Sends a mail server away, to come back later."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
        transport.close()
