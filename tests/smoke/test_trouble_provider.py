"""A webhook that takes a call and never answers: neither ingest nor anybody else's page waits for it."""

import time

import pytest

from aftercare.notify.tests.receiver import Received, Receiver
from tests.service import now_ms
from tests.smoke.trouble import CONTACTS, PAGE, answers_pages, arrives, beside, load, served, wait_until


@pytest.mark.long  # the sender's own tests hold a hanging address in the rooms; this one is the whole server
def test_it_works(receiver: Receiver) -> None:
    def answer(received: Received) -> tuple[int, dict[str, str]]:
        if received.path.endswith("/hangs"):
            receiver.inbox.remove(received)
            return receiver.hang(received)
        return 204, {}

    receiver.answer = answer
    with served() as service:
        beside(service, CONTACTS, f"{receiver.url}/hangs", f"{receiver.url}/other")
        service.wake_by_webhook(f"{receiver.url}/good")
        slowest = 0.0
        with load(service, 1):
            for number in range(4):
                beside(service, PAGE, f"thing-{number}")
                began = time.monotonic()
                for _ in range(2):
                    arrives(receiver, f"thing-{number}", 10)
                slowest = max(slowest, time.monotonic() - began)
                began = time.monotonic()
                status, _ = service.samples([{"session": "x", "ts": now_ms(), "interval_ms": 5000}], "social_secret")
                assert status == 200
                assert time.monotonic() - began < 5
                assert answers_pages(service)
        assert slowest < 10
        receiver.release.set()
        wait_until("nothing hangs any more", lambda: not receiver.inbox, 5)
        assert service.stop() < 10
