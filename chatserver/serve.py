"""The launcher: daphne on uvloop, with direct writes to sockets, and what a lifespan would do around it.

    python -m chatserver.serve --prepare  set up: migrate, gather the static files, and fill in the demonstration where
                                          DEMO=1 and the database is empty
    python -m chatserver.serve            serve until SIGTERM or SIGINT, then send the sockets elsewhere and stop

With PROCESSES above 1 the launcher holds the listening socket, and that many processes serve it.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import time

import uvloop
from twisted.internet import asyncioreactor

# Before anything imports the reactor: daphne keeps the one that it finds.
asyncioreactor.install(uvloop.new_event_loop())

from chatserver.env import BadSetting

BACKLOG = 4096
"""Connections that may wait to be accepted: all members come back at once after a restart."""
LARGEST_MESSAGE = 256 * 1024
"""Bytes of one websocket message. Commands are refused above a quarter of it, with words; beyond this the socket closes."""
HTTP_SECONDS = 120
HANDSHAKE_SECONDS = 20
SECONDS_TO_END = 5.0
"""For the letter or the job that is in hand."""
NEVER = 10**9
"""Seconds: our own heartbeat keeps sockets alive and finds dead ones, so daphne's pings are put off for ever."""


def main() -> None:
    """Read the arguments, load Django, and do what was asked."""
    parser = argparse.ArgumentParser(prog="python -m chatserver.serve", description="Serve Roundtable.")
    parser.add_argument("--prepare", action="store_true", help="set up the database and the static files, and stop")
    parser.add_argument("--fd", type=int, help="serve on this listening socket, as one of several processes")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")
    try:
        load()
    except BadSetting as bad:
        sys.exit(f"error: {bad}")
    from django.conf import settings

    if arguments.prepare:
        prepare()
    elif arguments.fd is not None:
        serve(arguments.fd)
    else:
        say_how_to_begin()
        listener = listen(settings.HOST, settings.PORT)
        if settings.PROCESSES == 1:
            serve(listener.detach())
        else:
            serve_together(listener, settings.PROCESSES)


def load() -> None:
    """Settings and apps. Raises BadSetting."""
    import django

    django.setup()


def prepare() -> None:
    """Bring the database and the static files up to date; a new demonstration gets its community."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    if settings.DEMO:
        call_command("fill_demonstration", if_empty=True)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; a taken port is said plainly."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        sys.exit(f"error: cannot listen on {host}:{port}: {error.strerror}. Choose another port with PORT=…")


def serve(descriptor: int) -> None:
    """Serve on a listening socket until told to stop."""
    from twisted.internet import reactor

    from chatserver.asgi import application
    from chatserver.direct import DirectServer

    server = DirectServer(
        application=application,
        endpoints=[f"fd:fileno={descriptor}"],
        signal_handlers=False,
        http_timeout=HTTP_SECONDS,
        websocket_timeout=NEVER,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_max_frame_size=LARGEST_MESSAGE,
        ping_interval=NEVER,
        ping_timeout=0,
        server_name="",
        verbosity=0,
    )
    reactor.callLater(0, begin, server)  # type: ignore[arg-type]  # callWhenRunning comes before the loop runs.
    server.run()


def begin(server: "DirectServer") -> None:  # type: ignore[name-defined]  # noqa: F821
    """On the running loop: deliver, and stop gently when asked."""
    from django.conf import settings

    from chatserver.jobs import Crew
    from rooms.house import start_delivery

    loop = asyncio.get_running_loop()
    start_delivery()
    crew = Crew()
    if settings.WORK_IN_WEB:
        crew.begin()
    take_mail()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: stopping.append(loop.create_task(stop(server, crew))))
    say_where()


def take_mail() -> None:
    """Listen for letters where MAIL_IN says so. What a process that stops was reading is brought again."""
    from django.conf import settings

    from notifications.replies.listener import Listener

    if not settings.MAIL_IN:
        return
    try:
        Listener(*settings.MAIL_IN, is_shared=settings.PROCESSES > 1).start()
    except OSError as error:
        # Pages go on; a mail server keeps what it cannot bring, for days.
        print(f"error: cannot listen for mail at MAIL_IN: {error.strerror}", file=sys.stderr, flush=True)


stopping: list[asyncio.Task[None]] = []


async def stop(server: "DirectServer", crew: "Crew") -> None:  # type: ignore[name-defined]  # noqa: F821
    """Let nobody in, send the sockets elsewhere, then stop. Asked a second time: stop now."""
    from chatserver.drain import drain

    crew.rest.set()
    if len(stopping) <= 1:
        server.stop_listening()
        await drain()
        await asyncio.to_thread(crew.leave, SECONDS_TO_END)
    server.stop()


def say_where() -> None:
    """The address, and how to sign in."""
    from django.conf import settings

    print(f"Roundtable is at {settings.SITE_URL}", flush=True)
    if settings.DEMO:
        print("Demonstration: choose on its first page whom to sign in as, with one click.", flush=True)


def say_how_to_begin() -> None:
    """On an empty database: the address at which its first administrator begins. Only who runs the server sees it."""
    from django.db import connection

    from members.community.beginning import first_run_address

    if address := first_run_address():
        print(f"Nobody is a member yet. Set up the community at {address}", file=sys.stderr, flush=True)
    connection.close()


def serve_together(listener: socket.socket, processes: int) -> None:
    """Several processes on one socket. One that dies is replaced; a signal to this one stops them all."""
    command = [sys.executable, "-m", "chatserver.serve", "--fd", str(listener.fileno())]
    listener.set_inheritable(True)
    children: list[subprocess.Popen[bytes]] = []
    leaving = False

    def leave(number: int, _: object) -> None:
        nonlocal leaving
        leaving = True
        for child in children:
            child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    while not leaving or children:
        children = [child for child in children if child.poll() is None]
        while not leaving and len(children) < processes:
            children.append(subprocess.Popen(command, pass_fds=[listener.fileno()]))
        time.sleep(0.2)


if __name__ == "__main__":
    main()
