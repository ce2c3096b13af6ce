"""Several processes share one outbox: every message goes out exactly once."""

import threading
from datetime import timedelta
from typing import Any

from django.db import connection

from aftercare.notify import actions
from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import Delivery, State
from aftercare.notify.tests.receiver import Receiver
from tests.world import World, make_world


def work_at_once(world: World, workers: int) -> list[int]:
    """Each worker with its own database connection, started together; returns how many each claimed."""
    gate, claimed = threading.Barrier(workers), []

    def work() -> None:
        sender = Sender()
        try:
            gate.wait(10)
            claimed.append(sender.process_due(world.now + timedelta(seconds=1)))
            sender.close(5)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return claimed


def test_exactly_one_send(transactional_db: Any, receiver: Receiver) -> None:
    world = make_world()
    refs = set()
    for n in range(40):
        contact = actions.add_contact(
            user=world.eng if n % 2 else world.mei,
            channel="webhook",
            address=f"{receiver.url}/{n % 10}-{n % 2}",
            verified=True,
            now=world.now,
        )
        delivery = actions.send(
            user=contact.user,
            channel="webhook",
            address=contact.address,
            kind="page",
            subject_ref=f"inc-{n}",
            title="Freeze rate",
            urgency="urgent",
            now=world.now,
        )
        refs.add(delivery.ref)
    claimed = work_at_once(world, 3)
    assert sum(claimed) == 40
    assert sorted(message.headers["webhook-id"] for message in receiver.inbox) == sorted(refs)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    receiver.inbox.clear()
