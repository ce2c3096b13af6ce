"""What a hostile visitor, a hostile site and a hostile browser get: nothing, and a sentence."""

import json
from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.actions import resolve_ticket
from aftercare.desk.chat.history import AT_ONCE
from aftercare.desk.chat.limits import address_of
from aftercare.desk.models import ChatVisitor, ChatWidget, Ticket
from aftercare.desk.tests.chatting import Window, answer, make_widget, signed
from aftercare.desk.views.chat import door
from aftercare.kernel.allowances import Allowance
from tests.world import World


@pytest.fixture
def widget(world: World) -> ChatWidget:
    return make_widget(world)[0]


def test_another_sites_page_is_not_heard(world: World, widget: ChatWidget) -> None:
    window = Window(widget)
    for origin in (
        "https://evil.example",
        "https://console.starlight.example",
        "null",
        "http://testserver.evil.example",
    ):
        refused = window.post("messages", {"client_id": "client-id", "body": "x"}, Origin=origin)
        assert refused.status_code == 403, origin
    assert "Access-Control-Allow-Origin" not in window.get("messages").headers
    assert (
        window.post("messages", {"client_id": "client-id", "body": "x"}, Origin="http://testserver").status_code == 201
    )


def test_only_the_widgets_sites_may_frame_it(world: World, widget: ChatWidget) -> None:
    page = world.client().get(f"/chat/{widget.site_key}")
    assert "frame-ancestors https://console.starlight.example;" in page["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page.headers
    alone, _ = make_widget(world, origins=())
    assert "frame-ancestors 'none'" in world.client().get(f"/chat/{alone.site_key}")["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in world.client("agent").get("/tickets")["Content-Security-Policy"]


def test_a_signed_in_colleagues_cookie_says_nothing_here(world: World, widget: ChatWidget) -> None:
    Window(widget).say("mine")
    assert world.client("agent").get(f"/chat/{widget.site_key}/messages").status_code == 401


def test_tokens_are_worth_something_in_one_widget_only(world: World, widget: ChatWidget) -> None:
    window = Window(widget)
    window.say("mine")
    other, _ = make_widget(world, customer=world.social)
    assert Window(other, token=window.token).get("messages").status_code == 401
    assert Window(widget, token=window.token[:-1]).get("messages").status_code == 401


def test_guessing_is_stopped(world: World, widget: ChatWidget) -> None:
    statuses = [Window(widget, token=f"guess-{n}").get("messages").status_code for n in range(40)]
    assert statuses[:30] == [401] * 30 and set(statuses[30:]) == {429}
    assert Window(widget, token="guess", address="198.51.100.7").get("messages").status_code == 401


def test_a_visitor_sees_nothing_of_others(world: World, widget: ChatWidget) -> None:
    mine, theirs = Window(widget), Window(widget)
    ref = theirs.say("a secret").json()["ref"]
    mine.say("hello")
    assert mine.words(after=ref) == ["hello"]
    assert mine.post("reading", {"ref": ref}).status_code == 404
    upload = theirs.client.post(f"{theirs.base}/files", {"file": file("a.log", b"secret")}, headers=theirs.headers)
    assert mine.get(f"files/{upload.json()['ref']}").status_code == 404
    assert mine.say("with it", files=[upload.json()["ref"]]).json()["files"] == []
    theirs.say("", files=[upload.json()["ref"]])
    assert mine.get(f"files/{upload.json()['ref']}").status_code == 404


def file(name: str, data: bytes):  # type: ignore[no-untyped-def]
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, data)


def test_flooding_is_slowed_with_a_sentence_and_loses_nothing(
    world: World, widget: ChatWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "utc_now", lambda: world.now)  # however slow the machine, all of it is one moment
    window = Window(widget)
    answers = [window.say(f"line {n}", f"client-id-{n}") for n in range(35)]
    refused = [each for each in answers if each.status_code == 429]
    assert len(refused) == 5
    assert refused[0].json()["refused"] == "That was a lot at once. It goes on in a moment."
    assert int(refused[0]["Retry-After"]) >= 1
    assert Window(widget, address="198.51.100.7").say("I am somebody else").status_code == 201


def test_sessions_from_one_address_are_limited(world: World, widget: ChatWidget) -> None:
    statuses = [Window(widget).begun.status_code for _ in range(65)]
    assert statuses[:60] == [201] * 60 and set(statuses[60:]) == {429}


def test_scripts_in_words_and_names_are_inert(world: World) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    widget, secret = make_widget(world, greeting=attack)
    window = Window(widget, signed(secret, sub=attack, name=attack))
    window.say(attack)
    ticket = Ticket.objects.get()
    pages = [
        world.client("agent").get(path).content.decode()
        for path in (f"/tickets/{ticket.ref}", f"/tickets/{ticket.ref}/thread", "/tickets", "/settings/chat")
        if path != "/settings/chat"
    ]
    pages.append(world.client().get(f"/chat/{widget.site_key}").content.decode())
    for page in pages:
        assert "<script>alert(1)" not in page and "<img src=x" not in page
    assert window.get("messages")["Content-Type"] == "application/json"


def test_nonsense_is_refused(world: World, widget: ChatWidget) -> None:
    window = Window(widget)
    for body in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"body": {"a": 1}}', b"x" * 300_000):
        told = window.client.post(f"{window.base}/messages", body, "application/json", headers=window.headers)
        assert told.status_code == 409 and told.json()["refused"], body[:20]
    assert window.say("ok", files={"a": 1}).status_code == 201
    assert window.say("ok", files=[1, None, "zzz"]).status_code == 201


def test_a_widget_that_is_not_in_use_is_not_there(world: World, widget: ChatWidget) -> None:
    window = Window(widget)
    ChatWidget.objects.filter(pk=widget.pk).update(enabled=False)
    for path in ("", ".js"):
        assert world.client().get(f"/chat/{widget.site_key}{path}").status_code == 404
    assert window.say("hello").status_code == 404
    assert world.client().get("/chat/zzzzzzzzzzzz/state").status_code == 404


def test_agents_addresses_are_for_agents_of_chats(world: World, widget: ChatWidget, ticket: Ticket) -> None:
    ref = Window(widget).say("hello").json()["ref"]
    chat = Ticket.objects.get(way="chat")
    for path in ("", "/typing", "/reading"):
        for name, status in (("zhao", 404), ("stranger", 404), ("viewer", 403)):
            assert world.client(name).post(f"/tickets/{chat.ref}/chat{path}", {"ref": ref}).status_code == status
        assert world.client("agent").post(f"/tickets/{ticket.ref}/chat{path}", {"ref": ref}).status_code == 404
    assert not ChatVisitor.objects.filter(staff_read_to__isnull=False).exists()


def test_an_agents_refusal_keeps_the_words_out_whole(world: World, widget: ChatWidget, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 3
    Window(widget).say("hello")
    chat = Ticket.objects.get()
    refused = answer(world, "agent", chat, "see this", files=[file("a.exe", b"MZ12")])
    assert (refused.status_code, "larger than a file may be" in refused.json()["refused"]) == (409, True)
    assert chat.messages.count() == 1


def test_long_histories_come_in_part(world: World, widget: ChatWidget) -> None:
    window = Window(widget)
    window.say("first")
    chat = Ticket.objects.get()
    resolve_ticket(ticket=chat, user=world.agent, now=world.now)
    said = chat.messages.get()
    for _ in range(AT_ONCE + 5):
        said.pk, said.ref, said.provider_message_id = None, f"r{_:011d}", None
        said.save(force_insert=True)
    assert len(window.words()) == AT_ONCE


def test_allowances_fill_up_again(world: World) -> None:
    allowance = Allowance(2, 60)
    assert [allowance.take("a", world.now) for _ in range(2)] == [0, 0]
    assert allowance.take("a", world.now) == pytest.approx(30)
    assert allowance.take("b", world.now) == 0
    assert allowance.take("a", world.now + timedelta(seconds=31)) == 0
    assert allowance.take("a", world.now) > 0  # a clock that is set back gives nothing


def test_addresses(rf, settings) -> None:  # type: ignore[no-untyped-def]
    def told(remote: str, forwarded: str = "") -> str:
        return address_of(rf.get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded}))

    assert told("192.0.2.7", "203.0.113.1") == "192.0.2.7"
    assert told("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert told("") == "unknown"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert told("10.0.0.1", "198.51.100.9, 203.0.113.1") == "203.0.113.1"
    assert told("10.0.0.1", "<script>") == "unknown"


def test_the_state_holds_no_more_than_it_says(world: World, widget: ChatWidget) -> None:
    Window(widget).say("a secret of somebody")
    told = world.client().get(f"/chat/{widget.site_key}/state")
    assert json.dumps(told.json()).count("secret") == 0
    assert told["Cache-Control"] == "no-store"
