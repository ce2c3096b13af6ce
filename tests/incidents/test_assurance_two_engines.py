"""Two engines at once begin an event once: each rule stands there once, and nobody is told twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from aftercare.incidents.assurance.engine import assure_due
from aftercare.incidents.models import Assurance
from aftercare.incidents.tests.gala import make_gala, tight, with_rules
from aftercare.notify.models import Delivery
from tests.world import make_world


@pytest.mark.django_db(transaction=True)
def test_what_is_due_is_done_by_one_of_them() -> None:
    world = make_world()
    gala = make_gala(world)
    rules = len(with_rules(world, gala))
    Assurance.objects.update(measure_at=None)
    together = Barrier(2)

    def engine(_number: int) -> int:
        together.wait(10)
        try:
            return assure_due(gala.starts_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(engine, range(2)))
    assert tight(gala) == rules
    assert gala.entries.filter(kind="running").count() == 1
    overdue = gala.items.count()
    told = Delivery.objects.filter(subject_ref=gala.ref, title__startswith="Overdue").count()
    assert 0 < told <= overdue
    assert sum(done) >= 1 + told
