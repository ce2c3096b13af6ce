"""A worker that dies at any statement of telling a change loses no customer and tells none twice."""

from typing import Any

from aftercare.desk.models import Message, Ticket
from aftercare.incidents.changes.telling import tell_notices
from aftercare.incidents.models import Change, ChangeNotice
from aftercare.incidents.tests.changing import DAY, announced, make_edge
from tests.paging.dying import dies_after
from tests.world import make_world

MOST_STATEMENTS = 400


def test_every_statement(transactional_db: Any) -> None:
    world = make_world()
    make_edge(world)
    now = world.now + 3.1 * DAY
    for number in range(0, MOST_STATEMENTS, 3):
        change = announced(world, customers=[world.social])
        died = dies_after(number, lambda: tell_notices(now))
        tell_notices(now)
        tickets = change.customers.values_list("ticket", flat=True)
        assert all(tickets) and Message.objects.filter(ticket__in=tickets).count() == 2, number
        assert ChangeNotice.objects.filter(touched__change=change, told_at__isnull=False).count() == 2
        assert Ticket.objects.count() == 2 * Change.objects.count(), "a ticket of nobody was left"
        if not died:
            break
    else:
        raise AssertionError("the work never ended")
    assert number > 60
