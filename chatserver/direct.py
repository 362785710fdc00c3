"""Daphne with a short way to its sockets.

Through ASGI's `send` a frame passes a coroutine, autobahn's encoder and Twisted's buffer, which registers the socket as
a writer with the event loop and takes it off again: for each frame and each socket. Here the encoded bytes are handed
to the kernel at once; only what it does not take goes through the buffer. An application finds this writer in the
scope's extensions; one that does not look there loses nothing but time.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, override

from autobahn.websocket.protocol import WebSocketProtocol as State
from daphne.http_protocol import WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.tcp import Connection

from events.frames import Frame
from rooms.writers import MOST_WAITING_BYTES, FellBehind

DRAIN_LOOK_SECONDS = 0.05

type Message = Mapping[str, Any]


class DirectWriter:
    """Writes encoded frames to one of daphne's websockets, in order with what daphne itself writes."""

    __slots__ = ("protocol",)

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self.protocol = protocol

    def write(self, frame: Frame) -> None:
        """Hand the bytes to the kernel, or to the buffer when the kernel is full. Raises FellBehind."""
        protocol = self.protocol
        if protocol.state != State.STATE_OPEN:
            return  # Closing or gone: the application hears of it through `receive`.
        data = frame.websocket_bytes
        transport = protocol.transport
        if not isinstance(transport, Connection):  # TLS ends in this process: no short way.
            transport.write(data)
            return
        waiting = unsent(transport)
        if waiting > MOST_WAITING_BYTES:
            transport.abortConnection()  # The peer does not read, so it would not read a goodbye either.
            raise FellBehind
        if not waiting and transport.connected and not transport.disconnecting:
            try:
                data = data[transport.socket.send(data) :]
            except BlockingIOError:
                pass
            except OSError:
                return  # The peer is gone; Twisted finds out by reading.
        if data:
            transport.write(data)

    def close(self, code: int) -> None:
        """Send the close frame. Daphne's own way takes only 1000 and private codes, so not 1012, *service restart*."""
        if self.protocol.state == State.STATE_OPEN:
            self.protocol.sendCloseFrame(code=code, isReply=False)


def unsent(transport: Connection) -> int:
    """Bytes in Twisted's buffer for this connection."""
    return len(transport.dataBuffer) - transport.offset + transport._tempDataLen


def backlog(request: WebRequest) -> int:
    """Bytes of an answer that its reader has not taken yet; none once they are gone."""
    transport = getattr(request.channel, "transport", None)
    return unsent(transport) if isinstance(transport, Connection) and transport.connected else 0


class LightWebSocket(WebSocketProtocol):
    """Daphne's websocket without what only its handshake needed: kilobytes for each tab that stays open.

    And without the words that autobahn puts together for a log which nobody reads: a fifth of what connecting cost.
    """

    ONCE = ("clean_headers", "http_headers", "http_request_data", "http_request_host", "http_request_params")

    @classmethod
    def share_options(cls, factory: WebSocketFactory) -> None:
        """Keep the factory's options in the class, once, where each socket would take its own copy of all thirty."""
        for name in State.CONFIG_ATTRS_COMMON + State.CONFIG_ATTRS_SERVER:
            value = getattr(factory, name)
            setattr(cls, name, staticmethod(value) if callable(value) else value)
        cls.CONFIG_ATTRS = []

    @override
    def dataReceived(self, data: bytes) -> None:
        self._dataReceived(data)

    @override
    def onOpen(self) -> None:
        super().onOpen()
        self.request: Any = SimpleNamespace(path=self.request.path)  # Its path is logged again at the end.
        self.clean_headers.clear()  # The application, which read them before it accepted, holds on to its scope.
        for name in self.ONCE:
            self.__dict__.pop(name, None)
        self.transport.unregisterProducer()  # The HTTP request that this socket was: it holds all that was read of it.


class Inbox:
    """What waits for one socket's application, which alone reads it: a queue without the three kilobytes of asyncio's."""

    __slots__ = ("messages", "reader")

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.reader: asyncio.Future[Message] | None = None

    def put_nowait(self, message: Message) -> None:
        if self.reader and not self.reader.done():
            self.reader.set_result(message)
        else:
            self.messages.append(message)

    def get(self) -> asyncio.Future[Message]:
        """The next message."""
        self.reader = asyncio.get_running_loop().create_future()
        if self.messages:
            self.reader.set_result(self.messages.pop(0))
        return self.reader


class DirectServer(Server):
    """Daphne, offering the direct writer, with downloads that wait for their readers, and able to stop listening first."""

    def run(self) -> None:
        self.ports: list[Any] = []
        WebSocketFactory.protocol = LightWebSocket
        super().run()

    def listen_success(self, port: Any) -> None:
        LightWebSocket.share_options(self.ws_factory)
        self.ports.append(port)
        super().listen_success(port)

    def stop_listening(self) -> None:
        """Who comes now is for whoever takes over: a socket that came back here would only be sent away again."""
        for port in self.ports:
            port.stopListening()

    @override
    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Write; and after a part of a long answer wait until most of it is gone.

        Daphne takes whatever it is given, so that a file for a slow reader would lie in memory as a whole.
        """
        await super().handle_reply(protocol, message)
        if message.get("more_body") and isinstance(protocol, WebRequest):
            while backlog(protocol) > MOST_WAITING_BYTES:
                await asyncio.sleep(DRAIN_LOOK_SECONDS)
                # Daphne ends what takes longer than a page may; this one is only as slow as its reader.
                protocol.request_start = time.time()

    @override
    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if not isinstance(protocol, WebSocketProtocol):
            return super().create_application(protocol, scope)
        inbox = Inbox()
        scope["asgi"] = {"version": "3.0"}
        scope["extensions"] = {"roundtable.writer": DirectWriter(protocol)}
        application = self.application(scope, inbox.get, partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return inbox
