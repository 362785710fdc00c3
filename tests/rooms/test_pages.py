"""The pages and the forms that work without JavaScript, through Django's own client."""

import re
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from members.models import Member
from rooms.actions.groups import leave_group
from rooms.actions.messages import pin_message
from rooms.actions.rooms import lock_room
from rooms.commands import PinMessage
from rooms.models import Membership, Message, Room, WorkingGroup
from tests.cast import Cast, person
from tests.rooms.test_sidebar import fill
from tests.speaking import edits, posts, removes, session_of


def browser(member: Member | None) -> Client:
    """A browser in which this member is signed in."""
    client = Client(headers={"host": "localhost"})
    if member:
        client.cookies["session"] = session_of(member)
    return client


def text_of(client: Client, address: str, **options: object) -> str:
    answer = client.get(address, **options)  # type: ignore[arg-type]
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_a_room_shows_what_was_said_and_by_whom(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "**Soup** & bread <script>alert(1)</script>")
    page = text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")
    assert "<strong>Soup</strong> &amp; bread &lt;script&gt;" in page
    assert "Diabetes specialist midwife · St Example&#x27;s" in page
    assert 'id="first-unread"' in page


@pytest.mark.parametrize("asked", ["", "?around=2"])
@pytest.mark.parametrize("count", [1, 400])
def test_the_first_view_of_a_room_takes_twelve_queries_at_most(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries, count: int, asked: str
) -> None:
    fill(cast, count)
    for number in range(3):
        posts(cast.alice, cast.supper, f"@bob {number}")
    Room.objects.bulk_create([Room(group=cast.workshop, name=f"Room {number}") for number in range(count)])
    client = browser(cast.bob)
    with django_assert_max_num_queries(12):
        client.get(f"/rooms/{cast.supper.pk}/{asked}")


def test_posting_by_form_leads_to_the_message(cast: Cast) -> None:
    answer = browser(cast.alice).post(f"/rooms/{cast.supper.pk}/messages", {"text": "Soup", "client_id": str(uuid4())})
    message = Message.objects.get()
    assert answer.headers["Location"] == f"/rooms/{cast.supper.pk}/#message-{message.pk}"


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5_000, "٣", "-1", "x"])
def test_a_number_that_is_none_breaks_no_page(cast: Cast, number: str) -> None:
    bob, room = browser(cast.bob), f"/rooms/{cast.supper.pk}"
    answer = bob.post(f"{room}/messages", {"text": "Soup", "client_id": str(uuid4()), "reply_to": number})
    assert answer.status_code in (302, 400, 404)
    for address in (f"{room}/?around={number}", f"/members/?organisation={number}", f"/members/?page={number}"):
        assert bob.get(address).status_code == 200, address


@pytest.mark.parametrize(("text", "words"), [(" ", "no words"), ("x" * 10_001, "over the limit")])
def test_a_refusal_by_form_gives_the_words_back(cast: Cast, text: str, words: str) -> None:
    answer = browser(cast.alice).post(f"/rooms/{cast.supper.pk}/messages", {"text": text})
    page = answer.content.decode()
    assert (answer.status_code, words in page, text in page) == (400, True, True)
    assert not Message.objects.exists()


def test_a_form_without_its_token_stores_nothing_and_shows_what_was_typed(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.cookies["session"] = session_of(cast.alice)
    answer = client.post(f"/rooms/{cast.supper.pk}/messages", {"text": "Soup of the day"})
    assert answer.status_code == 403
    assert "Soup of the day" in answer.content.decode()
    assert not Message.objects.exists()


def test_a_link_to_a_message_leads_to_its_place(cast: Cast) -> None:
    fill(cast, 300)
    message = Message.objects.get(created_version=120)
    answer = browser(cast.bob).get(f"/messages/{message.pk}/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[0][0].endswith(f"?around=120#message-{message.pk}")
    assert f'id="message-{message.pk}"' in page


def test_edit_history_and_removal_by_form(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    alice = browser(cast.alice)
    assert "Soup" in text_of(alice, f"/messages/{soup.pk}/edit")
    alice.post(f"/messages/{soup.pk}/edit", {"text": "Stew"})
    history = text_of(browser(cast.bob), f"/messages/{soup.pk}/history/")
    assert "Soup" in history
    assert "Stew" in history
    assert "Stew" in text_of(alice, f"/messages/{soup.pk}/remove")
    alice.post(f"/messages/{soup.pk}/remove")
    for address in (f"/messages/{soup.pk}/history/", f"/rooms/{cast.supper.pk}/"):
        page = text_of(browser(cast.bob), address)
        assert "Stew" not in page
        assert "Soup" not in page


def test_a_removed_message_is_not_quoted_by_its_replies_nor_pinned(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Secret soup")
    posts(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
    pin_message(cast.bob, PinMessage(soup.pk, on=True))
    removes(cast.alice, soup)
    for address in (f"/rooms/{cast.supper.pk}/", f"/rooms/{cast.supper.pk}/pinned/"):
        assert "Secret soup" not in text_of(browser(cast.bob), address)


def test_groups_are_found_joined_and_left(cast: Cast) -> None:
    charlie = browser(cast.charlie)
    assert "Workshop" in text_of(charlie, "/groups/")
    assert "Supper" not in text_of(charlie, f"/groups/{cast.workshop.pk}/")
    charlie.post(f"/groups/{cast.workshop.pk}/join")
    assert "Supper" in text_of(charlie, f"/groups/{cast.workshop.pk}/")
    charlie.post(f"/groups/{cast.workshop.pk}/leave")
    assert charlie.get(f"/rooms/{cast.supper.pk}/").status_code == 404


def test_a_private_group_is_unknown_to_those_outside(cast: Cast) -> None:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    charlie = browser(cast.charlie)
    assert "Workshop" not in text_of(charlie, "/groups/")
    pages = [charlie.get(f"/groups/{number}/").content.decode() for number in (cast.workshop.pk, 987654321)]
    forbidden, missing = (re.sub(r'(data-csrf|value)="\w{64}"', "", page) for page in pages)
    assert forbidden == missing


def test_a_room_is_opened_changed_locked_and_archived(cast: Cast) -> None:
    alice, lena = browser(cast.alice), browser(cast.lena)
    alice.post(f"/groups/{cast.workshop.pk}/rooms", {"name": "Tea <i>time</i>", "about": "At four"})
    tea = Room.objects.get(name="Tea <i>time</i>")
    assert "Tea &lt;i&gt;time" in text_of(alice, f"/rooms/{tea.pk}/")
    alice.post(f"/rooms/{tea.pk}/change", {"name": "Tea", "about": ""})
    lena.post(f"/rooms/{tea.pk}/lock", {"on": "1"})
    assert "This room is locked" in text_of(alice, f"/rooms/{tea.pk}/")
    assert alice.post(f"/rooms/{tea.pk}/lock", {"on": "0"}).status_code == 403
    lena.post(f"/rooms/{tea.pk}/archive", {"on": "1"})
    assert "archived" in text_of(lena, f"/rooms/{tea.pk}/")
    refused = alice.post(f"/groups/{cast.workshop.pk}/rooms", {"name": "Supper", "about": "Mine"})
    assert refused.status_code == 400
    assert "already has a room" in refused.content.decode()


def test_names_are_completed_for_members_of_the_group_alone(cast: Cast) -> None:
    bob = browser(cast.bob)
    answer = bob.get(f"/rooms/{cast.supper.pk}/names?q=").json()["names"]
    assert [name["handle"] for name in answer] == ["room", "alice", "bob", "lena", "mo"]
    assert bob.get(f"/rooms/{cast.supper.pk}/names?q=al").json()["names"][0]["badge"].startswith("Diabetes")
    assert bob.get(f"/rooms/{cast.supper.pk}/names?q=charl").json() == {"names": []}
    assert browser(cast.charlie).get(f"/rooms/{cast.supper.pk}/names?q=").status_code == 404


def test_notices_are_listed_and_seen(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Soup, @bob")
    bob = browser(cast.bob)
    assert "mentions you" in text_of(bob, "/notices/")
    bob.post("/notices/")
    assert 'data-unseen="0"' in text_of(bob, "/notices/")


@pytest.mark.parametrize("sign", ["%00", "%ED%A0%80", "%F0%9F%91%B6", "%25_%5C", "%E2%80%AE"])
def test_no_sign_breaks_a_search(cast: Cast, sign: str) -> None:
    lena, room, group = browser(cast.lena), f"/rooms/{cast.supper.pk}", f"/groups/{cast.workshop.pk}"
    for address in (
        f"/members/?find={sign}",
        f"{group}/?find={sign}",
        f"{group}/members/?find={sign}",
        f"{room}/names?q={sign}",
    ):
        assert lena.get(address).status_code == 200, address
    assert lena.post(f"{group}/members/add", {"who": unquote(sign)}).status_code == 400
    assert lena.get(f"/members/?profession={sign}").status_code == 200


def addresses(cast: Cast, message: Message) -> list[tuple[str, str]]:
    """Every door to the room, the group's inside and the message."""
    room, group = f"/rooms/{cast.supper.pk}", f"/groups/{cast.workshop.pk}"
    pages = [f"{room}/{name}" for name in ("", "members/", "about/", "pinned/", "change", "names")]
    pages += [f"/messages/{message.pk}/{name}" for name in ("", "edit", "remove", "history/")]
    forms = [f"{room}/{name}" for name in ("messages", "read", "lock", "archive", "change")]
    forms += [f"/messages/{message.pk}/{name}" for name in ("edit", "remove", "pin", "react")]
    forms += [f"{group}/leave", f"{group}/rooms"]
    return [("get", page) for page in [*pages, f"{group}/rooms"]] + [("post", form) for form in forms]


@pytest.mark.parametrize("who", ["charlie", "former", "suspended"])
def test_every_door_is_shut_to_who_does_not_belong_and_looks_like_nothing(cast: Cast, who: str) -> None:
    soup = posts(cast.alice, cast.supper, "Soup for two")
    if who == "former":
        leave_group(cast.bob, cast.workshop.pk)
    if who == "suspended":
        Member.objects.filter(pk=cast.bob.pk).update(is_active=False)
    member = cast.charlie if who == "charlie" else cast.bob
    form = {"text": "x", "on": "1", "reaction": "thanks", "name": "x", "about": "x"}
    client = browser(member)
    nothing = 302 if who == "suspended" else 404  # A suspended member is signed in no longer.
    for method, address in addresses(cast, soup):
        answer = getattr(client, method)(address, form if method == "post" else {})
        assert answer.status_code == nothing, (method, address, answer.status_code)
        assert b"Soup for two" not in answer.content


def test_every_page_asks_a_stranger_to_sign_in(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    doors = [
        *addresses(cast, soup),
        *(("get", page) for page in ("/", "/groups/", "/notices/", "/sidebar/", "/members/1/")),
    ]
    for method, address in doors:
        answer = getattr(browser(None), method)(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in/"), (method, address)


def test_live_doors_answer_a_stranger_and_an_outsider_in_json(live_cast: Cast) -> None:
    post = {"kind": "message.post", "ref": 1, "client_id": str(uuid4()), "room": live_cast.supper.pk, "text": "x"}
    for member, status, code in ((None, 401, "not_signed_in"), (live_cast.charlie, 404, "not_here")):
        client = browser(member)
        for answer in (
            client.post("/live/command", post, content_type="application/json"),
            client.get(f"/live/changes?room={live_cast.supper.pk}&after=0"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_commands_and_changes_work_over_plain_http(live_cast: Cast) -> None:
    alice = browser(live_cast.alice)
    post = {"kind": "message.post", "ref": 7, "client_id": str(uuid4()), "room": live_cast.supper.pk, "text": "Soup"}
    for _ in range(2):
        answer = alice.post("/live/command", post, content_type="application/json").json()
        assert (answer["kind"], answer["ref"], answer["version"]) == ("done", 7, 1)
    changes = browser(live_cast.bob).get(f"/live/changes?room={live_cast.supper.pk}&after=0").json()["changes"]
    assert [frame["created"] for frame in changes["frames"]] == [1]


def test_a_page_left_open_by_one_member_does_not_post_as_the_next(live_cast: Cast) -> None:
    post = {"kind": "message.post", "ref": 1, "client_id": str(uuid4()), "room": live_cast.supper.pk, "text": "Mine"}
    left_open = {"X-Member": str(live_cast.alice.pk)}
    bob = browser(live_cast.bob)
    answer = bob.post("/live/command", post, content_type="application/json", headers=left_open)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert bob.get(f"/live/changes?room={live_cast.supper.pk}&after=0", headers=left_open).status_code == 401
    assert not Message.objects.exists()


def test_only_the_demonstration_signs_in_with_one_click(cast: Cast, settings: object) -> None:
    answer = browser(None).post("/demo/sign-in/", {"member": cast.alice.pk})
    assert answer.status_code == 404


def test_nothing_can_be_done_by_following_a_link(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    alice = browser(cast.alice)
    for address in (
        "/sign-out/",
        f"/groups/{cast.workshop.pk}/leave",
        f"/messages/{soup.pk}/pin",
        f"/rooms/{cast.supper.pk}/lock",
    ):
        assert alice.get(address).status_code == 405
    alice.get(f"/messages/{soup.pk}/remove")
    assert Message.objects.get().text == "Soup"


def test_the_policy_allows_no_inline_script_or_style(cast: Cast) -> None:
    answer = browser(cast.alice).get(f"/rooms/{cast.supper.pk}/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy


def test_markup_stays_text_in_every_field(cast: Cast) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    member = person("evil", display_name=evil, ask_me_about=evil)
    Membership.objects.create(member=member, group=cast.workshop, role="leader")
    WorkingGroup.objects.update(name=evil[:80], purpose=evil)
    Room.objects.update(name=evil, about=evil)
    message = posts(member, cast.supper, evil)
    posts(cast.alice, cast.supper, "@evil @bob", reply_to=message.pk)
    edits(member, message, evil + evil)
    pin_message(member, PinMessage(message.pk, on=True))
    posts(member, cast.supper, "@bob")
    room = f"/rooms/{cast.supper.pk}"
    for address in (
        "/", "/groups/", f"/groups/{cast.workshop.pk}/", "/notices/", f"/members/{member.pk}/", f"{room}/", f"{room}/members/",
        f"{room}/about/", f"{room}/pinned/", f"/messages/{message.pk}/history/", f"/groups/{cast.workshop.pk}/?find={evil}",
    ):  # fmt: skip
        page = text_of(browser(cast.bob), address)
        assert "<img" not in page, address
        assert "&lt;img" in page, address


def test_a_locked_room_says_so_instead_of_a_composer(cast: Cast) -> None:
    lock_room(cast.lena, cast.supper.pk, on=True)
    page = text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")
    assert 'id="composer"' not in page
    assert "only group leaders and moderators write" in page
