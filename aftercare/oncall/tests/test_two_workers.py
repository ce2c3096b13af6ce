"""Several processes share the open pages: every step is taken exactly once."""

import threading
from datetime import timedelta
from typing import Any

from django.db import connection

from aftercare.oncall import actions, engine, management
from aftercare.oncall.models import Page, PageNotice
from aftercare.oncall.tests.cast import Duty, make_duty
from tests.world import make_world


def at_once(work: Any, workers: int = 3) -> list[Any]:
    """Run `work` in threads with a database connection each, started together; returns what each returned."""
    gate, results = threading.Barrier(workers), []

    def run() -> None:
        try:
            gate.wait(10)
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def ready() -> Duty:
    return make_duty(make_world())


def test_each_step_is_taken_once(transactional_db: Any) -> None:
    duty = ready()
    for n in range(10):
        duty.page(subject_ref=f"inc-{n}")
    later = duty.now + timedelta(minutes=5)
    assert sum(at_once(lambda: engine.process_due(later))) == 10
    assert set(Page.objects.values_list("firings", flat=True)) == {2}


def test_each_of_those_above_is_told_once(transactional_db: Any) -> None:
    duty = ready()
    actions.save_rungs(rungs=[actions.Rung(15, duty.world.mei)], actor=None, now=duty.now)
    for n in range(10):
        duty.page(subject_ref=f"inc-{n}")
    later = duty.now + timedelta(minutes=15)
    assert sum(at_once(lambda: management.process_due(later))) == 10
    assert PageNotice.objects.filter(firing=0).count() == 10


def test_one_subject_started_at_once_is_one_page(transactional_db: Any) -> None:
    duty = ready()
    started = at_once(lambda: duty.page().pk, 4)
    assert len(started) == 4 and len(set(started)) == 1
    assert Page.objects.get().notices.count() == 1


def test_of_two_who_acknowledge_at_once_one_has_it(transactional_db: Any) -> None:
    duty = ready()
    page = duty.page()
    people = iter([duty.world.eng, duty.world.mei])

    def take() -> int | None:
        return actions.acknowledge_page(page=page, user=next(people), via="phone", now=duty.now).acknowledged_by_id

    holders = at_once(take, 2)
    assert len(holders) == 2 and len(set(holders)) == 1
