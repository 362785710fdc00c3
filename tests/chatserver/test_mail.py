"""Mail leaves by a real server; where there is none it is kept, and opens in the browser while the site is tried out."""

import stat
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from chatserver import env
from chatserver.env import BadSetting
from members.mail import write_letter

ROOMS = Client(headers={"host": "localhost"})


def letter(subject: str = "Your code") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject, "Open http://localhost/x and <read>", "us@example.org", ["bob@example.org"]
    )
    message.attach_alternative("<p>Open <a href='/x'>x</a></p>", "text/html")
    return message


def test_headers_for_programs_stay_readable_to_them(db: None) -> None:
    """On the wire: whoever parses the letter in Python would not see the difference."""
    address = f"<https://rooms.example.org/stop/{'x' * 60}/>"
    ids = " ".join(f"<{number}.18551.1366170210907036901@rooms.a-long-domain.example.org>" for number in range(9))
    headers = {"List-Unsubscribe": address, "In-Reply-To": ids.split()[0], "References": ids}
    sent = (
        write_letter("bob@example.org", "Soup " * 30, "erasure_done", headers=headers).message(policy=SMTP).as_bytes()
    )
    for name, value in headers.items():
        assert f"\r\n{name}: {value}\r\n".encode() in sent
    assert max(map(len, sent.splitlines())) < 998


@pytest.mark.parametrize(
    "called",
    [
        "Soup",
        "Döner & soup",
        "Soup =?utf-8?q?=0D=0ABcc:_eve@example.org?=",
        "Soup =?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLm9yZw==?=",
        "Soup\n\nBcc: eve@example.org",
    ],
)
def test_no_name_of_anything_writes_a_header(db: None, called: str) -> None:
    """Subjects hold names that people chose."""
    sent = write_letter("bob@example.org", called, "erasure_done").message(policy=SMTP).as_bytes()

    read = message_from_bytes(sent, policy=SMTP)
    assert read["Bcc"] is None
    assert read["To"] == "bob@example.org"
    assert read["Subject"].startswith(called.split(maxsplit=1)[0])
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert all("forgotten now" in part.get_content() for part in read.iter_parts())


@pytest.mark.parametrize("name", ["In-Reply-To", "References", "List-Unsubscribe", "X-Other"])
def test_what_another_program_wrote_writes_no_header_either(db: None, name: str) -> None:
    """A letter that answers one names it as that one named itself."""
    theirs = "<=?utf-8?q?=0D=0ABcc:_eve@example.org=0D=0AX-More:?=@example.org>"
    sent = write_letter("bob@example.org", "Soup", "erasure_done", headers={name: theirs}).message(policy=SMTP)

    read = message_from_bytes(sent.as_bytes(), policy=SMTP)
    assert (read["Bcc"], read["X-More"]) == (None, None)
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    settings.MAIL_FOLDER = folder
    settings.MAILERS = {"default": env.mailer("NO_SUCH_VARIABLE", kept_in=folder)}
    return folder


def test_without_a_mail_server_mail_is_kept_for_its_owner_alone_and_opens_in_the_browser(
    folder: Path, settings: Any, db: None
) -> None:
    letter("First").send()
    letter("Second").send()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in folder.iterdir())
    settings.DEMO = True
    page = ROOMS.get("/mailbox/").content.decode()
    assert page.index("Second") < page.index("First")
    assert '<a href="http://localhost/x" rel="nofollow">' in page
    assert "&lt;read&gt;" in page
    newest = max(file.stem for file in folder.iterdir())
    shown = ROOMS.get(f"/mailbox/{newest}.html")
    assert shown.content.decode().strip() == "<p>Open <a href='/x'>x</a></p>"
    assert "script-src" not in shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert ROOMS.get("/mailbox/12345.html").status_code == 404


@pytest.mark.usefixtures("cast")
def test_the_mailbox_is_nobodys_where_real_members_are(folder: Path, settings: Any) -> None:
    letter().send()
    [kept] = folder.iterdir()
    assert ROOMS.get("/mailbox/").status_code == 404
    assert ROOMS.get(f"/mailbox/{kept.stem}.html").status_code == 404


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://me:p%40ss@mail.example.org", 587, True, False),
        ("smtps://me:p%40ss@mail.example.org:4650", 4650, False, True),
        ("smtp+plain://me:p%40ss@mail.example.org", 25, False, False),
    ],
)
def test_a_mail_server_has_an_address(
    monkeypatch: pytest.MonkeyPatch, url: str, port: int, tls: bool, ssl: bool
) -> None:
    monkeypatch.setenv("MAIL_URL", url)
    options = env.mailer("MAIL_URL", kept_in=Path("unused"))["OPTIONS"]
    assert (options["host"], options["username"], options["password"]) == ("mail.example.org", "me", "p@ss")
    assert (options["port"], options["use_tls"], options["use_ssl"]) == (port, tls, ssl)


@pytest.mark.parametrize(
    "url", ["http://mail.example.org", "smtp://", "mail.example.org", "smtp://host:99999", "smtp://h/x"]
)
def test_a_bad_address_of_a_mail_server_is_not_repeated(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MAIL_URL", url)
    with pytest.raises(BadSetting, match=r"^MAIL_URL: "):
        env.mailer("MAIL_URL", kept_in=Path("unused"))
