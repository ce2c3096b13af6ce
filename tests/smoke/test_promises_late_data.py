"""Late data restates what it touches: the past becomes right, and nobody is woken about it."""

from datetime import timedelta

from aftercare.incidents.models import Incident
from aftercare.telemetry.queries import metric_series, session_timeline
from tests.smoke.evening import AUDIENCE, Evening
from tests.world import World


def ratio(evening: Evening, world: World) -> list[float]:
    """The known values of the rebuffering ratio over the last quarter of an hour, by minutes."""
    start = evening.now - timedelta(minutes=15)
    series = metric_series(world.show_app, "rebuffering_ratio", start, evening.now, now=evening.now)
    return [value for _, value, _ in series if value is not None]


def test_what_comes_late_counts_where_it_belongs(world: World, evening: Evening) -> None:
    app = world.show_app
    evening.play(app, ticks=4)
    assert set(ratio(evening, world)) == {0}
    then = evening.now - timedelta(seconds=5)
    evening.now += timedelta(minutes=5)
    evening.report(app, stalled=1.0, ts=then, session="offline", user="offline", viewers=60)
    evening.tick(3)
    assert max(ratio(evening, world)) > 5
    found = session_timeline(app, "offline", now=evening.now)
    assert found is not None and found.totals["stall_ms"] == 60 * 5000
    page = world.client("zhao").get(f"/apps/{app.ref}?metric=rebuffering_ratio").content.decode()
    assert "Breached" in page
    assert not Incident.objects.exists(), "a fault that is over is told on pages, not by waking people"
    for table in ("r10s", "r1m", "r1h"):
        sums = evening.telemetry.pool.rows(f"SELECT sum(stall_ms), sum(reports) FROM {table} WHERE cut = ''")
        assert [tuple(row) for row in sums] == [(60 * 5000, 60 + 4 * AUDIENCE)], table
