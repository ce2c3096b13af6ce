"""Who a visitor is: by the word of the site's server, and by nothing else."""

import base64
import json
from typing import Any

import pytest

from aftercare.desk.actions import renew_secret
from aftercare.desk.models import ChatVisitor, ChatWidget, Ticket
from aftercare.desk.tests.chatting import Window, make_widget, signed
from aftercare.kernel.clock import utc_now
from tests.world import World


def refused(widget: ChatWidget, identity: str) -> str:
    window = Window(widget, identity)
    assert window.begun.status_code == 409
    assert not ChatVisitor.objects.exists()
    return str(window.begun.json()["refused"])


def test_it_works(world: World) -> None:
    widget, secret = make_widget(world, anonymous=False)
    window = Window(widget, signed(secret, sub="u-17", name="Chen", email="chen@elsewhere.example"))
    window.say("hello")
    ticket = Ticket.objects.get()
    assert ticket.contact is not None
    assert (ticket.contact.name, ticket.contact.user, ticket.customer) == ("Chen", None, world.show)


def test_a_user_who_comes_back_from_another_browser_sees_what_was_said(world: World) -> None:
    widget, secret = make_widget(world)
    Window(widget, signed(secret, sub="u-17", name="Chen")).say("hello")
    again = Window(widget, signed(secret, sub="u-17", name="Chen L."))
    assert again.words() == ["hello"]
    assert ChatVisitor.objects.get().contact.name == "Chen L."
    assert Window(widget, signed(secret, sub="u-18", name="Chen")).words() == []


def test_rejects_what_is_not_signed_so(world: World) -> None:
    widget, secret = make_widget(world)
    _, other = make_widget(world)
    good = signed(secret, sub="u1")
    head, body, tail = good.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"sub": "u2", "exp": 9e9}).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    for token in (
        signed(other, sub="u1"),
        f"{head}.{forged}.{tail}",
        f"{none}.{body}.",
        f"{none}.{body}.{tail}",
        good[:-2] + ("AA" if not good.endswith("AA") else "BB"),
        "x" * 5000,
        "a.b.c",
        "\x00",
    ):
        assert "not signed with this widget's secret" in refused(widget, token), token[:80]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"sub": "u1", "exp": 1}, "is over"),
        ({"sub": "u1", "exp": "soon"}, "when it ends"),
        ({"sub": "u1", "exp": True}, "when it ends"),
        ({"sub": "u1", "exp": 99_999_999_999}, "longer than a day"),
        ({}, "no user id"),
        ({"sub": " "}, "no user id"),
        ({"sub": "x" * 121}, "no user id"),
        ({"sub": "a\x00b"}, "no user id"),
    ],
)
def test_rejects_what_does_not_hold(world: World, claims: dict[str, Any], why: str) -> None:
    widget, secret = make_widget(world)
    assert why in refused(widget, signed(secret, **claims))


def test_a_new_secret_ends_the_old_one(world: World) -> None:
    widget, secret = make_widget(world)
    renewed = renew_secret(widget=widget, actor=world.ada, now=world.now)
    assert "not signed" in refused(widget, signed(secret, sub="u1"))
    assert Window(widget, signed(renewed, sub="u1")).begun.status_code == 201


def test_nobody_of_ours_and_nobody_of_another_customer_can_be_claimed(world: World) -> None:
    widget, secret = make_widget(world)
    for number, email in enumerate(("ada@provider.example", "stranger@whisper.example", "nobody@starlight.example")):
        Window(widget, signed(secret, sub=f"u{number}", person=email)).say("hello")
    assert all(ticket.opened_by is None for ticket in Ticket.objects.all())
    assert {message.side for ticket in Ticket.objects.all() for message in ticket.messages.all()} == {"customer"}
    Window(widget, signed(secret, sub="z", person="Zhao@Starlight.example")).say("it is me")
    assert Ticket.objects.get(opened_by=world.zhao).customer == world.show


def test_a_widget_for_all_customers_goes_by_the_claims(world: World) -> None:
    widget, secret = make_widget(world, customer=None, anonymous=False)
    assert "names no customer" in refused(widget, signed(secret, sub="u1"))
    assert "names no customer" in refused(widget, signed(secret, sub="u1", person="ada@provider.example"))
    assert "signed in" in refused(widget, "")
    Window(widget, signed(secret, sub="u1", customer=world.social.ref)).say("a")
    Window(widget, signed(secret, sub="u2", person="zhao@starlight.example")).say("b")
    assert [(t.customer, t.opened_by) for t in Ticket.objects.order_by("pk")] == [
        (world.social, None),
        (world.show, world.zhao),
    ]
    moved = Window(widget, signed(secret, sub="u1", customer=world.show.ref))
    assert "for another customer" in moved.begun.json()["refused"]


def test_without_an_identity_only_where_anyone_may_write(world: World) -> None:
    widget, _ = make_widget(world, anonymous=False)
    assert "signed in at the site" in refused(widget, "")


def test_a_session_ends(world: World) -> None:
    widget, secret = make_widget(world)
    window = Window(widget, signed(secret, sub="u1"))
    ChatVisitor.objects.get().sessions.update(expires_at=utc_now())
    assert window.get("messages").status_code == 401
