"""The checklist, announcements to vendors, and who is asked after them and told how ready we are."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.models import Message, Ticket
from aftercare.incidents.assurance import notices
from aftercare.incidents.assurance.checklist import Line, add_item, checklist_lines, finish_item, give_item, open_item
from aftercare.incidents.assurance.engine import notice_due, remind_due, switch_due, tell_due
from aftercare.incidents.assurance.lines import as_text, from_text
from aftercare.incidents.assurance.queries import readiness_sentence
from aftercare.incidents.models import Assurance, AssuranceCustomer, AssuranceItem
from aftercare.incidents.tests.gala import DAY, HOUR, MINUTE, make_gala
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery
from tests.world import World


def told(gala: Assurance) -> list[tuple[str, str, str]]:
    """Who was pushed what about it."""
    rows = Delivery.objects.filter(subject_ref=gala.ref).order_by("pk")
    return [(row.user.name if row.user else "", row.title, row.body) for row in rows]


def only(world: World, gala: Assurance, **more: Any) -> AssuranceItem:
    """One thing on the list and no other."""
    gala.items.all().delete()
    facts = {"title": "Order preheating", "owner": world.agent, "due_at": gala.starts_at - 2 * DAY, **more}
    return add_item(assurance=gala, **facts, actor=world.ada, now=world.now)


def test_the_usual_list_is_copied_with_days(world: World) -> None:
    gala = make_gala(world, starts_at=world.now + 30 * DAY)
    items = list(gala.items.all())
    assert len(items) == len(checklist_lines()) == 12
    assert {(gala.starts_at - item.due_at).days for item in items} == {14, 10, 7, 5, 4, 3, 2, 1}
    assert {item.customer for item in items if item.owner is None} == {world.show}
    late = make_gala(world, starts_at=world.now + HOUR)
    assert {item.due_at for item in late.items.all()} == {late.starts_at}


def test_of_several_customers_nobody_is_given_the_others_things(world: World) -> None:
    gala = make_gala(world, apps=[world.show_app, world.social_app])
    assert not gala.items.exclude(customer=None).exists()
    assert not gala.items.filter(owner=None).exists()


def test_a_manager_writes_the_list(world: World) -> None:
    client = world.client("ada")
    page = client.get("/assurance/checklist").content.decode()
    assert "CDN preheating ordered" in page
    text = "7 | 容量核对 | Capacity checked\n\n*3 | 备用流 | Backup stream\n"
    assert client.post("/assurance/checklist", {"lines": text}).status_code == 302
    assert checklist_lines() == [
        Line("Capacity checked", "容量核对", 7),
        Line("Backup stream", "备用流", 3, is_customers=True),
    ]
    assert [str(item) for item in make_gala(world).items.all()] == ["Capacity checked", "Backup stream"]
    answer = client.post("/assurance/checklist", {"lines": "soon | x"})
    assert answer.status_code == 400 and "Line 1" in answer.content.decode()
    assert len(checklist_lines()) == 2
    assert world.client("eng").get("/assurance/checklist").status_code == 403
    assert world.client("zhao").get("/assurance/checklist").status_code == 404
    assert from_text(as_text(checklist_lines())) == checklist_lines()


@pytest.mark.parametrize("said", ["91 | a | b", "-1 | a", "1", "1 | ", "²| a", f"1 | {'x' * 201}", "1 | a | b | c"])
def test_lines_that_cannot_be_read(said: str) -> None:
    with pytest.raises(Refused, match="Line 1"):
        from_text(said)


def test_readiness_is_a_sentence(world: World) -> None:
    gala = make_gala(world)
    assert readiness_sentence(gala, world.now) == "12 of 12 things are open, 9 days left"
    item = gala.items.first()
    assert item is not None
    finish_item(assurance=gala, item_id=item.pk, actor=world.zhao, now=world.now)
    assert readiness_sentence(gala, world.now + 7 * DAY) == "11 of 12 things are open, 10 overdue, 2 days left"
    gala.items.all().delete()
    assert "unknown" in readiness_sentence(gala, world.now)


def test_what_is_overdue_asks_its_owner_then_the_lead_then_both_daily(world: World) -> None:
    gala = make_gala(world)
    item = only(world, gala)
    assert remind_due(item.due_at - MINUTE) == 0
    for later in (timedelta(0), MINUTE, 4 * HOUR, 5 * HOUR, 28 * HOUR):
        remind_due(item.due_at + later)
    assert [name for name, _title, _body in told(gala)] == ["Wang", "Wang", "Lin", "Wang", "Lin"]
    assert told(gala)[0][1] == "Overdue: Order preheating"
    finish_item(assurance=gala, item_id=item.pk, actor=world.agent, now=item.due_at + 30 * HOUR)
    assert remind_due(item.due_at + 90 * HOUR) == 0


def test_an_engine_that_stood_still_reminds_once(world: World) -> None:
    gala = make_gala(world)
    item = only(world, gala)
    remind_due(item.due_at + DAY + 12 * HOUR)
    assert len(told(gala)) == 1


def test_a_vendor_is_told_with_proof(world: World) -> None:
    gala = make_gala(world)
    item = only(world, gala, title="Peak and regions", vendor="Cloud CDN")
    client, path = world.client("eng"), f"{gala.path}/items/done"
    answer = client.post(path, {"item": item.pk, "note": " "})
    assert answer.status_code == 409 and "how the vendor was told" in answer.content.decode()
    assert client.post(path, {"item": item.pk, "note": "their ticket 4711"}).status_code == 302
    page = client.get(gala.path).content.decode()
    assert "Announce to Cloud CDN" in page and "their ticket 4711" in page
    item.refresh_from_db()
    assert item.remind_at is None
    open_item(assurance=gala, item_id=item.pk, actor=world.eng, now=world.now)
    item.refresh_from_db()
    assert (item.done_at, item.remind_at) == (None, item.due_at)


def test_a_thing_changes_hands(world: World) -> None:
    gala = make_gala(world)
    item = only(world, gala)
    give = {"assurance": gala, "item_id": item.pk, "actor": world.eng, "now": world.now}
    give_item(**give, owner=None, customer=world.show)
    with pytest.raises(Refused, match="not this customer's event"):
        give_item(**give, owner=None, customer=world.social)
    with pytest.raises(Refused, match="our own people"):
        give_item(**give, owner=world.zhao, customer=None)


def test_the_lead_hears_how_ready_it_is_7_3_and_1_days_before(world: World) -> None:
    gala = make_gala(world)
    for days in (8, 7, 7, 3, 1, 0):
        notice_due(gala.starts_at - days * DAY)
    assert [body.rpartition(", ")[2] for _name, _title, body in told(gala)] == [
        "7 days left",
        "3 days left",
        "24 hours left",
    ]
    assert {name for name, _title, _body in told(gala)} == {"Lin"}
    assert not Ticket.objects.exists()


def test_an_engine_that_stood_still_over_two_notices_tells_once(world: World) -> None:
    gala = make_gala(world)
    notice_due(gala.starts_at - 2 * DAY)
    assert len(told(gala)) == 1
    notice_due(gala.starts_at - DAY)
    assert len(told(gala)) == 2


def test_customers_are_told_in_one_ticket_where_that_was_chosen(world: World) -> None:
    gala = make_gala(world, tells_customers=True)
    for days in (7, 3):
        notice_due(gala.starts_at - days * DAY)
        for _again in range(2):
            tell_due(gala.starts_at - days * DAY)
    ticket = Ticket.objects.get()
    first, second = Message.objects.filter(ticket=ticket).order_by("pk")
    assert ticket.customer == world.show and "Friday gala" in first.body
    for words in (first.body_zh, second.body):
        assert "周五盛典" in words and "Asia/Shanghai" in words and "客户端版本封版" in words


def test_a_customer_that_cannot_be_told_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gala = make_gala(world, apps=[world.show_app, world.social_app], tells_customers=True)
    real = notices.words_for

    def broken(touched: AssuranceCustomer, now: Any) -> str:
        if touched.customer_id == world.show.pk:
            raise RuntimeError("broken")
        return real(touched, now)

    monkeypatch.setattr("aftercare.incidents.assurance.notices.words_for", broken)
    at = gala.starts_at - 7 * DAY
    notice_due(at)
    assert tell_due(at) == 1
    monkeypatch.undo()
    assert tell_due(at + MINUTE) == 1
    assert Ticket.objects.count() == 2


def test_nothing_is_asked_after_once_it_is_over(world: World) -> None:
    gala = make_gala(world, tells_customers=True)
    switch_due(gala.starts_at)
    switch_due(gala.ends_at)
    late = gala.ends_at + 9 * DAY
    assert (remind_due(late), notice_due(late), tell_due(late)) == (0, 0, 0)
