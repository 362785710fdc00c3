"""The virus scanner: a stand-in that speaks clamd's protocol over a real socket."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from members.refusals import BadRequest, TryAgain
from rooms.models import File
from tests import samples
from tests.cast import Cast
from tests.speaking import brings

HARM = b"%PDF-harmful"


class Scanner(socketserver.StreamRequestHandler):
    """Reads INSTREAM to its end and finds what it knows."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(length)
        self.server.looked_at.append(content)  # type: ignore[attr-defined]
        if len(content) > 2**20:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.wfile.write(b"stream: Test-Signature FOUND\0" if HARM in content else b"stream: OK\0")


@pytest.fixture(params=["tcp", "unix"])
def looked_at(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[list[bytes]]:
    """What the scanner was shown."""
    address: tuple[str, int] | str = ("127.0.0.1", 0) if request.param == "tcp" else str(tmp_path / "clamd")
    make = socketserver.ThreadingTCPServer if request.param == "tcp" else socketserver.ThreadingUnixStreamServer
    with make(address, Scanner) as server:  # type: ignore[arg-type]
        server.looked_at = []  # type: ignore[union-attr]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))  # Looks that often whether to stop.
        thread.start()
        settings.CLAMD = server.server_address
        yield server.looked_at  # type: ignore[union-attr]
        server.shutdown()
        thread.join()


def test_what_is_clean_is_taken_and_what_is_not_is_refused(cast: Cast, looked_at: list[bytes]) -> None:
    clean = samples.PDF + bytes(200_000)
    brings(cast.alice, cast.supper, content=clean)
    with pytest.raises(BadRequest, match="harmful"):
        brings(cast.alice, cast.supper, content=HARM)
    assert looked_at == [clean, HARM]
    assert File.objects.count() == 1


def test_what_the_scanner_cannot_look_at_is_not_taken(cast: Cast, looked_at: list[bytes]) -> None:
    with pytest.raises(TryAgain, match="cannot be checked"):
        brings(cast.alice, cast.supper, content=samples.PDF + bytes(2**20))
    assert not File.objects.exists()


def test_while_the_scanner_is_away_no_file_is_taken(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.CLAMD = str(tmp_path / "nobody listens")
    with pytest.raises(TryAgain, match="cannot be checked"):
        brings(cast.alice, cast.supper)
    assert not File.objects.exists()
