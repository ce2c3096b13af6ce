"""The loops share the database's connections: none holds one while it waits, so that none is left without."""

import threading
import time
from datetime import datetime

import pytest
from django.db import connection

from aftercare.serve.loops import Loop


@pytest.mark.django_db(transaction=True)
def test_more_loops_than_connections_all_come_to_work() -> None:
    most = connection.settings_dict["OPTIONS"]["pool"]["max_size"]
    rounds = threading.Semaphore(0)

    def ask(now: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        rounds.release()

    loops = [Loop(f"loop {n}", ask, every_s=3600) for n in range(most + 5)]
    for loop in loops:
        loop.start()
    try:
        ends = time.monotonic() + 5
        done = sum(rounds.acquire(timeout=max(ends - time.monotonic(), 0)) for _loop in loops)
        assert done == len(loops), "those that wait hold what the others need"
    finally:
        for loop in loops:
            loop.stop()
        assert all(loop.join(5) for loop in loops)
