"""Real media servers with the documented configuration: what encoders and viewers did is what is stored."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.media_servers import MODULE, encoder, nginx_rtmp, node_media_server, viewer
from tests.service import Service

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
GRACE_S = 30  # node-media-server tells a push's end only then
EVENTS = "sumIf(sign, event = 'push_ok'), sumIf(sign, event = 'push_ended'), sumIf(sign, event = 'push_broken')"


@dataclass
class Lived:
    """Seconds that each of the processes was at it, as this test saw them."""

    pushed_s: float
    watched_s: float


@pytest.fixture(scope="module")
def lived(service: Service) -> Iterator[Lived]:
    """A push to nginx, which hands it on to node-media-server; a viewer of each; then the encoder is killed."""
    assert MODULE.exists(), "Debian's libnginx-mod-rtmp is missing: bin/test installs it"
    secret, base = service.seeded["show_secret"], service.base
    with tempfile.TemporaryDirectory(prefix="aftercare-servers-") as place:
        folder = Path(place)
        with (
            node_media_server(folder / "nms", base, secret) as second,
            nginx_rtmp(folder / "nginx", base, secret, push_to=second) as first,
        ):
            anchor, began = encoder(first, "room-1", folder), time.monotonic()
            time.sleep(5)
            viewers, came = [viewer(port, "room-1", folder) for port in (first, second)], time.monotonic()
            time.sleep(20)
            for process in viewers:
                process.terminate()
                process.wait()
            watched_s = time.monotonic() - came
            time.sleep(12)
            anchor.kill()  # as a power cut at the anchor's: no goodbye
            anchor.wait()
            pushed_s = time.monotonic() - began
            time.sleep(GRACE_S + 5)
    service.stop()
    yield Lived(pushed_s, watched_s)


def sums(service: Service, where: str, columns: str) -> list[Any]:
    return service.telemetry(f"SELECT {columns} FROM samples WHERE {where}")[0]


@pytest.mark.parametrize("edge", ["edge-1", "edge-2"])
def test_a_push_is_one_session_of_its_length(service: Service, lived: Lived, edge: str) -> None:
    where = f"edge = '{edge}' AND role = 'publisher'"
    opened, ok, ended, broken, length = sums(service, where, f"sum(opened), {EVENTS}, sum(interval_ms)")
    assert (opened, ok, ended, broken) == (1, 1, 1, 0), "neither server knows a kill from a stop"
    assert length / 1000 == pytest.approx(lived.pushed_s, abs=4)


@pytest.mark.parametrize("edge", ["edge-1", "edge-2"])
def test_a_viewer_is_present_for_its_time_and_relays_are_nobody(service: Service, lived: Lived, edge: str) -> None:
    where = f"edge = '{edge}' AND role = 'audience'"
    columns = "sum(opened), sumIf(sign, event = 'leave'), sum(interval_ms), any(stream), sum(play_ms)"
    opened, left, length, stream, played = sums(service, where, columns)
    assert (opened, left, stream, played) == (1, 1, "room-1", 0)
    assert length / 1000 == pytest.approx(lived.watched_s, abs=4)


def test_bytes_come_with_the_end_and_lie_over_its_time(service: Service, lived: Lived) -> None:
    """node-media-server counts them; Debian's nginx-rtmp does not tell any."""
    told = sums(service, "edge = 'edge-2' AND role = 'publisher'", "sum(bytes), max(bytes)")
    assert told[0] > 100_000 and told[1] < told[0] / 2
    assert sums(service, "edge = 'edge-1'", "sum(bytes)") == [0]
