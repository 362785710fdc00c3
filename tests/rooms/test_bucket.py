"""Files in a bucket, against a real server that speaks S3."""

import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.test import Client
from moto.server import ThreadedMotoServer

from chatserver import env
from chatserver.env import BadSetting
from members.refusals import TryAgain
from rooms.actions.files import sweep_files
from rooms.models import File
from tests import samples
from tests.cast import Cast
from tests.servers import free_port
from tests.speaking import brings, posts, removes, session_of

REGION = "eu-west-2"


def rooms_bucket(address: str) -> Any:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "a secret", "region_name": REGION}
    return boto3.resource("s3", endpoint_url=address, **keys).Bucket("rooms")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that speaks S3, with an empty bucket in it."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port())
    running.start()
    host, port = running.get_host_and_port()
    address = f"http://{host}:{port}"
    rooms_bucket(address).create(CreateBucketConfiguration={"LocationConstraint": REGION})
    yield address
    running.stop()


@pytest.fixture
def bucket(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The bucket that files lie in for a test."""
    found = rooms_bucket(server)
    found.objects.all().delete()
    use(settings, monkeypatch, f"s3://key:a%20secret@rooms?endpoint={server}&region=eu-west-2")
    return found


def use(settings: Any, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FILES_URL", url)
    kept = env.files_storage("FILES_URL", folder=env.ROOT)
    settings.STORAGES = {**settings.STORAGES, "files": kept}


def browser(member: Any) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    return client


def test_a_file_is_brought_posted_fetched_by_those_who_may_and_gone_with_its_message(cast: Cast, bucket: Any) -> None:
    file = brings(cast.alice, cast.supper, "Soup.pdf")
    assert [each.key for each in bucket.objects.all()] == [file.stored_name]
    recipe = posts(cast.alice, cast.supper, "The recipe", files=[file])

    fetched = browser(cast.bob).get(f"/files/{file.pk}/")
    assert b"".join(fetched) == samples.PDF
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert browser(cast.charlie).get(f"/files/{file.pk}/").status_code == 404

    removes(cast.alice, recipe)
    sweep_files()
    assert list(bucket.objects.all()) == []
    assert not File.objects.exists()


def test_nothing_in_the_bucket_is_open_to_others(cast: Cast, bucket: Any) -> None:
    brings(cast.alice, cast.supper, "Soup.pdf")
    [kept] = bucket.objects.all()
    grants = kept.Acl().grants
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_a_picture_and_its_small_copy_lie_there(cast: Cast, bucket: Any) -> None:
    file = brings(cast.alice, cast.supper, "Pump.png", samples.picture(size=(900, 300)))
    assert sorted(each.key for each in bucket.objects.all()) == sorted(file.stored_names)
    assert browser(cast.alice).get(f"/files/{file.pk}/small").status_code == 200


def test_a_bucket_that_does_not_answer_is_said_not_to(
    cast: Cast, bucket: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = brings(cast.alice, cast.supper, "Soup.pdf")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        use(settings, monkeypatch, f"s3://key:secret@rooms?endpoint=http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(TryAgain):
            brings(cast.alice, cast.supper, "Bread.pdf")
        refused = browser(cast.alice).get(f"/files/{file.pk}/")
    assert (refused.status_code, "could not fetch" in refused.content.decode()) == (503, True)


@pytest.mark.parametrize(
    "url",
    ["s3://bucket", "s3://key@bucket", "https://key:secret@bucket", "s3://k:s@bucket/path", "s3://k:s@bucket?x=1"],
)
def test_a_bad_address_of_a_bucket_is_not_repeated(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FILES_URL", url)
    with pytest.raises(BadSetting, match=r"^FILES_URL: ") as bad:
        env.files_storage("FILES_URL", folder=env.ROOT)
    assert "secret@" not in str(bad.value).replace("key:secret@bucket?endpoint", "")
