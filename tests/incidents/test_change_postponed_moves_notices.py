"""A change postponed by one customer moves the notices of all: each hears the new window once, and the old days of
notice are gone.
"""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aftercare.desk.models import Message
from aftercare.incidents import engine
from aftercare.incidents.models import ChangeNotice
from aftercare.incidents.tests.changing import DAY, announced, make_edge
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def heard(world: World, customer: Any) -> list[str]:
    """What we said in the customer's tickets, oldest first."""
    said = Message.objects.filter(ticket__customer=customer).exclude(body__contains="asks to postpone")
    return list(said.order_by("pk").values_list("body", flat=True))


def test_a_wish_from_the_portal_moves_every_notice(world: World) -> None:
    make_edge(world)
    change = announced(world, customers=[world.social])
    engine.process_due(world.now + 3.1 * DAY)
    assert len(heard(world, world.show)) == len(heard(world, world.social)) == 1

    at = (change.starts_at + timedelta(days=10)).astimezone(SHANGHAI).replace(second=0, microsecond=0)
    wish = {"local_from": f"{at:%Y-%m-%dT%H:%M}", "local_until": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    said = {"answer": "postpone", "window": "1", "reason": "Our gala is that night.", **wish}
    assert world.client("zhao").post(f"/changes/{change.ref}/answer", said).status_code == 302
    page = world.client("eng").get(f"/changes/{change.ref}").content.decode()
    assert "Move it there" in page and wish["local_from"] in page
    assert world.client("eng").post(f"/changes/{change.ref}/window", wish).status_code == 302

    change.refresh_from_db()
    assert change.starts_at == at
    for days in (4, 7.1, 9.1, 9.9):
        engine.process_due(world.now + days * DAY)
    for customer in (world.show, world.social):
        assert ["new window" in one for one in heard(world, customer)] == [False, True]
    for days in (13.1, 17.1, 19.1):
        engine.process_due(world.now + days * DAY)
    for customer in (world.show, world.social):
        last = heard(world, customer)[-3:]
        assert len(heard(world, customer)) == 5 and all(f"{at:%Y-%m-%d %H:%M}" in one for one in last)
    assert not ChangeNotice.objects.filter(told_at=None, dropped_at=None).exists()
