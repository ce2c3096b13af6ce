"""A file of 100,000 complaints is taken in within a request's time."""

import time
from datetime import timedelta

import pytest

from aftercare.desk.actions.complaints import take_file
from aftercare.desk.models import Complaint
from tests.world import World


@pytest.mark.long
def test_100_000_lines(world: World) -> None:
    at = (world.now - timedelta(minutes=1)).isoformat()
    lines = [f"{n},user{n % 9000},{at},画面卡住了 {n}\n".encode() for n in range(100_000)]
    content = b"id,user,time,words\n" + b"".join(lines)
    chunks = [content[place : place + 65_536] for place in range(0, len(content), 65_536)]
    begun = time.process_time()
    taken = take_file(app=world.show_app, chunks=chunks, actor=world.zhao, now=world.now)
    assert (taken.new, taken.known, taken.bad) == (100_000, 0, 0)
    assert Complaint.objects.count() == 100_000
    assert time.process_time() - begun < 5, "a request's own work may not last longer"
