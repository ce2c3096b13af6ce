"""Two engines tell the notices of one moment: each customer hears each change once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from aftercare.accounts.models import Customer
from aftercare.desk.models import Message
from aftercare.incidents.changes.telling import tell_notices
from aftercare.incidents.models import ChangeNotice
from aftercare.incidents.tests.changing import DAY, announced, make_edge
from tests.world import make_world


def test_each_is_told_once(transactional_db: Any) -> None:
    world = make_world()
    make_edge(world)
    more = [Customer.objects.create(name=f"Customer {n}", created_at=world.now) for n in range(6)]
    changes = [announced(world, customers=more) for _n in range(4)]
    now = world.now + 3.1 * DAY

    def work(_engine: int) -> int:
        try:
            return tell_notices(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as engines:
        told = sum(engines.map(work, range(2)))
    told += tell_notices(now)
    assert told == 28 == Message.objects.count()
    assert all(one.customers.filter(ticket=None).count() == 0 for one in changes)
    assert not ChangeNotice.objects.filter(due_at__lte=now, told_at=None).exists()
