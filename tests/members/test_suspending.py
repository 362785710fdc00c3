"""Somebody is kept out, at once and for a while."""

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.test import Client

from events.ear import SESSION_ENDED
from members.models import Member, Session
from tests.cast import Cast
from tests.speaking import Tab, session_of

act = sync_to_async


@pytest.mark.usefixtures("delivery")
async def test_who_is_suspended_is_out_at_once_on_every_screen_of_this_process(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as desk, Tab(live_cast.bob) as phone, Tab(live_cast.alice) as alice:
        await act(call_command)("suspend_member", "@bob", days=7)
        assert await desk.is_closed() == SESSION_ENDED
        assert await phone.is_closed() == SESSION_ENDED
        assert (await alice.posts(live_cast.supper, "Soup"))["kind"] == "done"
    assert not await Session.objects.filter(member=live_cast.bob).aexists()


def test_a_suspension_is_ended(cast: Cast) -> None:
    call_command("suspend_member", "bob", days=1)
    bob = Client(headers={"host": "localhost"})
    bob.cookies["session"] = session_of(Member.objects.get(pk=cast.bob.pk))
    assert bob.get("/groups/").status_code == 302
    call_command("suspend_member", "bob", end=True)
    bob.cookies["session"] = session_of(Member.objects.get(pk=cast.bob.pk))
    assert bob.get("/groups/").status_code == 200


@pytest.mark.parametrize(
    "given", [{"handle": "nobody", "days": 1}, {"handle": "bob", "days": 0}, {"handle": "bob", "days": 9999}]
)
def test_a_slip_suspends_nobody(cast: Cast, given: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        call_command("suspend_member", str(given["handle"]), days=given["days"])
    assert not Member.objects.exclude(suspended_until=None).exists()
