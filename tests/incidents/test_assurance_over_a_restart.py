"""An event assurance tightens and loosens its rules on time over a restart, wherever the process before it died."""

from functools import partial

import pytest
from django.db import connection

from aftercare.incidents.assurance.engine import assure_due
from aftercare.incidents.models import Assurance
from aftercare.incidents.tests.gala import MINUTE, make_gala, tight, with_rules
from aftercare.oncall.models import CustomerSchedule
from tests.paging.dying import dies_after
from tests.world import make_world

MOST_STATEMENTS = 3_000
# Dying at every statement is the same for two rules as for twelve; two keep it quick.
RULES = 2


def few(gala: Assurance) -> None:
    """Leave RULES of the rules."""
    gala.rules.exclude(pk__in=list(gala.rules.values_list("pk", flat=True)[:RULES])).delete()


def holds(gala: Assurance, *, running: bool) -> None:
    """State, rules and log tell the same story."""
    gala.refresh_from_db()
    assert (gala.state == "running") is running
    assert tight(gala) == (RULES if running else 0)
    assert gala.entries.filter(kind="running").count() == (0 if gala.started_at is None else 1)


@pytest.mark.django_db(transaction=True)
def test_it_is_tight_in_its_time_and_never_else() -> None:
    world = make_world()
    gala = make_gala(world)
    with_rules(world, gala)
    few(gala)
    for at, was in ((gala.starts_at, False), (gala.ends_at, True)):
        for number in range(MOST_STATEMENTS):
            died = dies_after(number, partial(assure_due, at))
            gala.refresh_from_db()
            done = (gala.state == "running") is not was
            holds(gala, running=was is not done)
            if done:
                break
        else:
            raise AssertionError("the work never ended")
        assert number > 10 and (died or done)
        assure_due(at + MINUTE)  # a restart does nothing twice
        holds(gala, running=not was)
    assert not CustomerSchedule.objects.exists()
    connection.close()
