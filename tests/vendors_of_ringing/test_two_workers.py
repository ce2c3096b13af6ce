"""Several processes share one outbox: a number's limit is one for all of them."""

import threading
from typing import Any

import pytest
from django.db import connection

from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import Delivery, Ring, State
from tests.vendors_of_ringing.scene import Ringing, ringing_in
from tests.world import make_world


def work_at_once(ringing: Ringing, workers: int) -> None:
    """Each worker with its own database connection, started together."""
    gate = threading.Barrier(workers)

    def work() -> None:
        sender = Sender()
        try:
            gate.wait(10)
            sender.process_due(ringing.now)
            sender.close(5)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_one_call_a_minute_by_all_processes_together(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with ringing_in(make_world(), monkeypatch) as ringing:
        ringing.account("voice:aliyun")
        contact = ringing.contact("voice")
        for n in range(8):
            ringing.send(contact, subject_ref=f"inc-{n}")
        work_at_once(ringing, 4)
        ringing.run()
        ringing.aliyun.next()
        states = sorted(Delivery.objects.values_list("state", flat=True))
        assert states == [State.FAILED] * 7 + [State.SENT]
        assert Ring.objects.count() == 1
