"""Bandwidth of calendar months, as bills count it."""

import zoneinfo
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils.translation import gettext, override

from aftercare.telemetry.queries import Month, billed_bandwidth
from aftercare.telemetry.queries.bills import months_kept
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.telemetry.schema.monthly import MONTHLY
from aftercare.telemetry.tests.made import row
from tests.world import World

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
SLOT = timedelta(minutes=5)
MBPS = 37_500_000  # bytes of a slot


@pytest.fixture
def month(world: World) -> Month:
    """The last whole month; the app was taken on before it."""
    last = months_kept(world.now, SHANGHAI)[1]
    world.show_app.created_at = last.start - timedelta(days=100)
    world.show_app.save()
    return last


def sent(world: World, at: datetime, mbps: float) -> dict[str, Any]:
    return row(world.show_app, "s", at, bytes=int(mbps * MBPS), keep_days=400)


def days_of(month: Month) -> int:
    return (month.end - month.start).days


def test_it_works(telemetry: Any, world: World, month: Month) -> None:
    dropped = days_of(month) * 288 // 20
    slots = [sent(world, month.start + n * SLOT, 1 + n) for n in range(dropped + 8)]
    telemetry.add([*slots, sent(world, month.end - SLOT, 500), sent(world, month.end, 9000)])
    telemetry.add([sent(world, month.start - SLOT, 9000)])
    billed = billed_bandwidth(world.show_app, month, now=world.now)
    assert (billed.slots, billed.possible, billed.days) == (dropped + 9, days_of(month) * 288, days_of(month))
    assert billed.peak_mbps == pytest.approx(500)
    assert billed.p95_mbps == pytest.approx(9)
    # Two days or so of slots, the last day, and nothing on all the others.
    peaks = [min(288 * day, dropped + 8) for day in range(1, -(-(dropped + 8) // 288) + 1)]
    assert billed.mean_of_daily_peaks_mbps == pytest.approx((sum(peaks) + 500) / days_of(month))


def test_a_month_that_goes_on_counts_its_whole_days(telemetry: Any, world: World, month: Month) -> None:
    noon = timedelta(hours=12)
    telemetry.add([sent(world, month.start + day * timedelta(days=1) + noon, mbps) for day, mbps in ((0, 4), (1, 8))])
    telemetry.add([sent(world, month.start + timedelta(days=3), 60)])
    now = month.start + timedelta(days=3, minutes=7)
    billed = billed_bandwidth(world.show_app, month, now=now)
    assert (billed.slots, billed.possible, billed.days) == (3, 3 * 288 + 1, 3)
    assert billed.mean_of_daily_peaks_mbps == pytest.approx((4 + 8 + 0) / 3)
    assert billed.peak_mbps == pytest.approx(60)
    first = billed_bandwidth(world.show_app, month, now=month.start + timedelta(hours=13))
    assert (first.mean_of_daily_peaks_mbps, first.days, first.peak_mbps) == (None, 0, pytest.approx(4))


def test_time_before_the_app_was_taken_on_does_not_count(telemetry: Any, world: World, month: Month) -> None:
    world.show_app.created_at = month.end - timedelta(days=2, hours=1)
    world.show_app.save()
    telemetry.add([sent(world, month.end - timedelta(days=1), 6)])
    billed = billed_bandwidth(world.show_app, month, now=world.now)
    assert (billed.slots, billed.possible, billed.days) == (1, 49 * 12, 3)
    assert billed.mean_of_daily_peaks_mbps == pytest.approx(2)
    assert billed.p95_mbps == 0


def test_the_month_is_in_the_address(telemetry: Any, world: World, month: Month) -> None:
    telemetry.add([sent(world, month.start + timedelta(days=4), 12)])
    url = f"/apps/{world.show_app.ref}/bandwidth"
    this = world.client("zhao").get(url).content.decode()
    assert "No bytes were reported" in this and f"?month={month.name}" in this
    last = unescape(world.client("zhao").get(url, {"month": month.name}).content.decode())
    assert all(figure.name in last for figure in MONTHLY)
    assert f"{month.first:%B %Y} as bills count it" in last and f"over {days_of(month)} whole days of" in last
    for name in ("2020-01", "2026-13", "x", "2026-1"):
        refused = world.client("zhao").get(url, {"month": name})
        assert refused.status_code == 400 and "70 days" in refused.content.decode()
    assert world.client("stranger").get(url, {"month": month.name}).status_code == 404


def test_bytes_that_nobody_told_are_unknown(telemetry: Any, world: World, month: Month) -> None:
    telemetry.add([row(world.show_app, "one", month.start, interval_ms=5000, play_ms=5000)])
    assert billed_bandwidth(world.show_app, month, now=world.now).p95_mbps is None


def test_the_catalog_explains_the_figures_of_bills(world: World) -> None:
    page = world.client("viewer").get("/metrics?q=p95").content.decode()
    assert 'id="bandwidth_p95"' in page and "once the top 5% of all its slots are dropped" in page
    world.viewer.language = "zh-hans"
    world.viewer.save()
    chinese = world.client("viewer").get("/metrics").content.decode()
    assert all(figure.name_zh in chinese for figure in MONTHLY)
    with override("zh-hans"):
        formulas = [figure.formula for figure in (*METRICS.values(), *MONTHLY)]
        assert [formula for formula in formulas if gettext(formula) == formula] == []
