"""One webhook call: what counts as sent, and what a hostile receiver cannot do."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from aftercare.notify.adapters import calling, webhook
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Verdict
from aftercare.notify.tests.receiver import Receiver

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def envelope(address: str, **more: Any) -> Envelope:
    values: dict[str, Any] = {
        "ref": "abc123",
        "channel": "webhook",
        "address": address,
        "secret": "",
        "kind": "page",
        "subject_ref": "inc-1",
        "title": "卡顿率 6%",
        "body": "",
        "url": "http://127.0.0.1/p/1",
        "secret_url": "",
        "urgency": "urgent",
        "repeat": False,
        "language": "en",
        "data": {},
        "at": AT,
    }
    return Envelope(**(values | more))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.SENT),
        (204, Verdict.SENT),
        (302, Verdict.PERMANENT),
        (400, Verdict.PERMANENT),
        (410, Verdict.PERMANENT),
        (429, Verdict.TEMPORARY),
        (500, Verdict.TEMPORARY),
        (503, Verdict.TEMPORARY),
    ],
)
def test_what_a_status_means(receiver: Receiver, status: int, verdict: Verdict) -> None:
    receiver.answer = lambda received: (status, {"Location": receiver.url + "/elsewhere"})
    assert webhook.send(envelope(receiver.url)).verdict is verdict
    assert receiver.take().body["data"]["title"] == "卡顿率 6%"


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answer = lambda received: (307, {"Location": "http://169.254.169.254/"})
    outcome = webhook.send(envelope(receiver.url))
    receiver.take()
    assert outcome.verdict is Verdict.PERMANENT and "redirect" in outcome.error


def test_private_addresses_are_refused_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "allows_private_webhooks", lambda: False)
    outcome = webhook.send(envelope("http://127.0.0.1:9/"))
    assert outcome.verdict is Verdict.PERMANENT and "private network" in outcome.error


def test_nobody_listening_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "allows_private_webhooks", lambda: True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = webhook.send(envelope(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    assert outcome.verdict is Verdict.TEMPORARY


@pytest.fixture
def dripper() -> Iterator[str]:
    """A receiver that sends one header byte every now and then, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        peer, _ = server.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 ")
            while not stop.wait(0.05):
                try:
                    peer.sendall(b".")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    stop.set()
    thread.join(5)
    server.close()


def test_a_dripping_receiver_is_cut_off(monkeypatch: pytest.MonkeyPatch, dripper: str) -> None:
    monkeypatch.setattr(calling, "allows_private_webhooks", lambda: True)
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.5)
    started = time.monotonic()
    outcome = webhook.send(envelope(dripper))
    assert time.monotonic() - started < 3
    assert outcome.verdict is Verdict.UNKNOWN, "it may have taken the message"
