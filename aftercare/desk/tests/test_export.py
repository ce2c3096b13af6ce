"""Taking tickets away: one's own, whole, and nothing in them that a spreadsheet would run."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from aftercare.audit.models import Entry
from aftercare.desk.actions import open_ticket, reply
from aftercare.desk.exporting import harmless
from aftercare.desk.models import Ticket
from tests.world import World


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(answer))))


def test_it_works_as_csv(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="有逗号, 有\n换行", now=world.now)
    reply(ticket=ticket, author=world.agent, body="inside", internal=True, now=world.now + timedelta(seconds=1))
    answer = world.client("zhao").get("/tickets/export")
    assert answer["Content-Disposition"].startswith("attachment")
    said = rows(answer)
    assert [row["words"] for row in said] == ["We saw this before you had to tell us.", "有逗号, 有\n换行"]
    assert {row["number"] for row in said} == {"1"}
    assert [row["words"] for row in rows(world.client("agent").get("/tickets/export"))][-1] == "inside"
    assert Entry.objects.filter(action="ticket.export").count() == 2


def test_it_works_as_json(world: World, ticket: Ticket) -> None:
    open_ticket(
        customer_id=world.show.pk, app_id=world.show_app.pk, title="Second", severity="P3", body="b", kind="black",
        fields={"stream": "room-1"}, opened_by=world.zhao, now=world.now,
    )  # fmt: skip
    told = json.loads(text(world.client("zhao").get("/tickets/export?format=json")))
    assert [t["number"] for t in told] == [1, 2]
    assert told[1]["fields"] == {"stream": "room-1"}
    assert told[1]["messages"][0]["speaker"] == "Zhao"
    none = world.client("zhao").get("/tickets/export?format=json&status=closed")
    assert json.loads(text(none)) == []


def test_a_stranger_takes_only_their_own(world: World, ticket: Ticket) -> None:
    assert rows(world.client("stranger").get(f"/tickets/export?customer={world.show.ref}&status=")) == []
    assert json.loads(text(world.client("stranger").get("/tickets/export?format=json&status="))) == []
    assert world.client().get("/tickets/export").status_code == 302


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝cmd", " =1+1", "\u3000@x"])
def test_no_cell_is_a_formula(world: World, ticket: Ticket, evil: str) -> None:
    assert harmless(evil) == f"'{evil}"
    open_ticket(
        customer_id=world.show.pk, app_id=None, title="x", severity="P3", body=f"{evil}|",
        fields={"stream": evil}, opened_by=world.zhao, now=world.now,
    )  # fmt: skip
    for row in rows(world.client("zhao").get("/tickets/export")):
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝")), cell


def test_many_tickets_come_in_pieces(world: World, ticket: Ticket) -> None:
    Ticket.objects.bulk_create(
        Ticket(number=n, customer=world.show, title=f"t{n}", severity="P4", created_at=world.now, updated_at=world.now)
        for n in range(2, 240)
    )
    told = json.loads(text(world.client("zhao").get("/tickets/export?format=json")))
    assert len(told) == 239
    assert len({t["number"] for t in told}) == 239
