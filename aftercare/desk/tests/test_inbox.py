import re
from datetime import timedelta
from html import unescape
from typing import Any

from aftercare.desk.actions import claim_ticket, open_ticket, resolve_ticket
from aftercare.desk.engine.searching import index_changed
from aftercare.desk.models import Ticket
from tests.world import World


def test_it_works(world: World, ticket: Ticket) -> None:
    page = world.client("agent").get("/tickets").content.decode()
    assert "Stall rate of Starlight Live is 7.9% (limit 5%)" in page
    assert "Starlight Show" in page
    assert "waiting for us" in page


def test_a_customer_sees_its_own(world: World, ticket: Ticket) -> None:
    page = world.client("viewer").get("/tickets").content.decode()
    assert "Stall rate of Starlight Live" in page
    assert "Starlight Live" in page


def test_a_stranger_sees_none(world: World, ticket: Ticket) -> None:
    page = world.client("stranger").get("/tickets?status=").content.decode()
    assert "Stall rate" not in page
    assert "Starlight" not in page


def test_requires_sign_in(world: World) -> None:
    answer = world.client().get("/tickets")
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_filters(world: World, ticket: Ticket) -> None:
    client = world.client("agent")
    other = open_ticket(
        customer_id=world.social.pk, app_id=None, title="No sound", severity="P3", body="since noon",
        opened_by=world.stranger, now=world.now,
    )  # fmt: skip
    claim_ticket(ticket=other, user=world.agent, now=world.now)

    index_changed(world.now + timedelta(minutes=1))

    def titles(query: str) -> tuple[bool, bool]:
        page = client.get(f"/tickets?{query}").content.decode()
        return "Stall rate" in page, "No sound" in page

    assert titles("") == (True, True)
    assert titles("severity=P2") == (True, False)
    assert titles(f"customer={world.social.ref}") == (False, True)
    assert titles("mine=1") == (False, True)
    assert titles("q=no+SOUND") == (False, True)
    assert titles("q=1") == (True, True)  # each customer counts from 1
    resolve_ticket(ticket=ticket, user=world.agent, now=world.now)
    assert titles("") == (False, True)
    assert titles("status=solved") == (True, False)
    assert titles("status=") == (True, True)
    assert titles("status=nonsense&severity=P9") == (False, True)


def test_rows_come_again_only_when_something_moved(
    world: World, ticket: Ticket, django_assert_max_num_queries: Any
) -> None:
    client = world.client("agent")
    [mark] = re.findall(r'data-mark="(\w+)"', client.get("/tickets").content.decode())
    with django_assert_max_num_queries(12) as asked:
        answer = client.get(f"/tickets/rows?mark={mark}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"].upper()]
    claim_ticket(ticket=ticket, user=world.agent, now=world.now)
    answer = client.get(f"/tickets/rows?mark={mark}&severity=P2")
    page = answer.content.decode()
    assert (answer.status_code, "Stall rate" in page, "<html" in page, "?mark=" in page) == (200, True, False, False)
    assert "Stall rate" not in world.client("stranger").get("/tickets/rows?status=").content.decode()
    assert world.client().get("/tickets/rows").status_code == 302


def test_a_number_beyond_all_numbers_finds_nothing(world: World, ticket: Ticket) -> None:
    for query in (f"q={'9' * 60}", "q=%00", "customer=%00", "q=%FF"):
        assert world.client("agent").get(f"/tickets?{query}").status_code == 200


def test_the_longest_wait_is_on_top(world: World, ticket: Ticket) -> None:
    open_ticket(
        customer_id=world.social.pk, app_id=None, title="Waits longer", severity="P4", body="x",
        opened_by=world.stranger, now=world.now - timedelta(hours=1),
    )  # fmt: skip
    page = world.client("agent").get("/tickets").content.decode()
    assert page.index("Waits longer") < page.index("Stall rate")


def test_numbers_count_per_customer(world: World, ticket: Ticket) -> None:
    numbers = [
        open_ticket(
            customer_id=customer.pk, app_id=None, title="t", severity="P4", body="x", opened_by=None, now=world.now
        ).number
        for customer in (world.show, world.social, world.show)
    ]
    assert numbers == [2, 1, 3]


def test_it_is_paged_and_few_queries(world: World, django_assert_max_num_queries: object) -> None:
    for n in range(60):
        open_ticket(
            customer_id=world.show.pk, app_id=None, title=f"Trouble {n}", severity="P4", body="x",
            opened_by=world.zhao, now=world.now,
        )  # fmt: skip
    client = world.client("agent")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = client.get("/tickets").content.decode()
    assert page.count("ticket-number") == 50
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    rest = client.get(unescape(following[1])).content.decode()
    assert rest.count("ticket-number") == 10
    assert 'rel="next"' not in rest


def test_unread_goes_when_read(world: World, ticket: Ticket) -> None:
    client = world.client("zhao")
    assert "is-unread" in client.get("/tickets").content.decode()
    client.get(f"/tickets/{ticket.ref}")
    assert "is-unread" not in client.get("/tickets").content.decode()


def test_it_speaks_chinese(world: World, ticket: Ticket) -> None:
    world.agent.language = "zh-hans"
    world.agent.save()
    page = world.client("agent").get("/tickets").content.decode()
    assert "工单" in page
    assert "星光直播 的卡顿率为" in page
    assert "待我方处理" in page
