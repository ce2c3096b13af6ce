"""The form by kind of problem: what this trade asks for first, and nothing that holds up an emergency."""

import pytest

from aftercare.desk.actions import open_ticket
from aftercare.desk.kinds import FIELDS, KINDS, answers_of, checked_fields, checked_kind
from aftercare.desk.models import Ticket
from aftercare.kernel.errors import Refused
from tests.world import World


def test_it_works(world: World) -> None:
    data = {
        **{"title": "Black screen in room 8", "severity": "P2", "body": "All viewers", "kind": "black"},
        **{"field_stream": "room-8", "field_user": "u1", "field_sdk": "4.12.1", "app": world.show_app.ref},
    }
    assert world.client("zhao").post("/tickets/new", data).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.kind, ticket.fields) == ("black", {"stream": "room-8", "user": "u1", "sdk": "4.12.1"})
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    for words in ("Black screen or broken picture", "room-8", "4.12.1"):
        assert words in page
    assert "Black screen in room 8" in world.client("agent").get("/tickets?kind=black").content.decode()
    assert "Black screen in room 8" not in world.client("agent").get("/tickets?kind=audio").content.decode()


def test_an_emergency_needs_a_line_and_a_sentence(world: World) -> None:
    data = {"title": "Down", "severity": "P1", "body": "Everything is down"}
    assert world.client("zhao").post("/tickets/new", data).status_code == 302
    assert Ticket.objects.get().fields == {}


def test_every_field_is_shown_with_its_help(world: World) -> None:
    page = world.client("zhao").get("/tickets/new?kind=no_push").content.decode()
    for name, field in FIELDS.items():
        assert f'name="field_{name}"' in page
        assert str(field.help).split(",")[0].split("“")[0][:20] in page
    assert '<option value="no_push" selected>' in page


def test_every_kind_asks_for_known_fields() -> None:
    assert all(set(kind.asks) <= set(FIELDS) for kind in KINDS.values())
    assert {name for kind in KINDS.values() for name in kind.asks} == set(FIELDS)


@pytest.mark.parametrize("kind", ["<script>", "nothing", "x" * 300])
def test_rejects_an_unknown_kind(world: World, kind: str) -> None:
    data = {"title": "T", "severity": "P3", "body": "b", "kind": kind}
    assert world.client("zhao").post("/tickets/new", data).status_code == 400
    with pytest.raises(Refused):
        checked_kind(kind)


def test_rejects_fields_that_are_unknown_or_endless(world: World) -> None:
    with pytest.raises(Refused, match="no field"):
        checked_fields({"password": "x"})
    with pytest.raises(Refused, match="longer than 200"):
        checked_fields({"stream": "x" * 201})
    assert checked_fields({"stream": " a\x00b ", "user": " "}) == {"stream": "ab"}
    assert answers_of({"gone": "x", "stream": "r"}) == [("Room or stream ID", "r")]


def test_answers_are_never_markup(world: World) -> None:
    ticket = open_ticket(
        customer_id=world.show.pk, app_id=None, title="T", severity="P3", body="b",
        fields={"stream": "<script>alert(1)</script>"}, opened_by=world.zhao, now=world.now,
    )  # fmt: skip
    assert "<script>alert" not in world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
