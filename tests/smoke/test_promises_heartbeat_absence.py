"""The service itself is away for an hour and comes back: nobody is called for pings that could not arrive."""

import tempfile
from pathlib import Path

from tests.service import Service


def test_an_hour_away_and_back() -> None:
    with tempfile.TemporaryDirectory(prefix="aftercare-away-") as place:
        service = Service(Path(place) / "data")
        service.start()
        service.seed()
        paths = service.add_heartbeats(300, every_s=60)
        for path in paths:
            assert service.request("GET", path)[0] == 200
        service.wait_until(lambda: service.pings()["heartbeats"][paths[-1]]["status"] == "up")
        service.kill()
        service.environment["AFTERCARE_CLOCK_OFFSET_S"] = "3600"
        service.start()

        def is_forgiven() -> bool:
            return {one["status"] for one in service.pings()["heartbeats"].values()} == {"new"}

        service.wait_until(is_forgiven)
        assert service.request("GET", paths[0])[0] == 200
        service.wait_until(lambda: service.pings()["heartbeats"][paths[0]]["status"] == "up")
        assert service.pings()["alerts"] == 0
        service.stop()
