"""Hours on duty: recorded as they happen, cut at the reader's midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from aftercare.desk.actions.presence import set_presence
from aftercare.desk.models import PresenceInterval
from aftercare.desk.routing.hours import Interval, hours_by_day
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_it_works(world: World) -> None:
    now = world.now
    set_presence(user=world.agent, state="on", now=now - timedelta(hours=3))
    set_presence(user=world.agent, state="on", now=now - timedelta(hours=2))
    set_presence(user=world.agent, state="away", now=now - timedelta(hours=1))
    set_presence(user=world.agent, state="off", now=now)
    kept = [
        (row.state, row.ended_at - row.started_at) for row in PresenceInterval.objects.order_by("pk") if row.ended_at
    ]
    assert kept == [("on", timedelta(hours=2)), ("away", timedelta(hours=1))]
    page = world.client("eng").get("/hours").content.decode()
    assert "Wang" in page
    text = world.client("eng").get("/hours.csv?span=7d").content.decode()
    assert text.startswith("\ufeffday,person")
    assert "Wang,wang@provider.example" in text
    assert world.client("zhao").get("/hours").status_code == 404
    assert world.client("zhao").get("/hours.csv").status_code == 404
    assert world.client("zhao").post("/presence", {"state": "on"}).status_code == 404


def test_an_interval_is_cut_at_midnight_and_at_the_present() -> None:
    start = datetime(2026, 11, 29, 14, tzinfo=UTC)  # 22:00 in Shanghai
    open_one = Interval(1, "on", start, None)
    found = hours_by_day(
        [open_one], first=date(2026, 11, 29), last=date(2026, 11, 30), zone=SHANGHAI, now=start + timedelta(hours=5)
    )
    assert found == {(1, "on", date(2026, 11, 29)): 7200.0, (1, "on", date(2026, 11, 30)): 10800.0}


def test_a_day_on_which_the_clock_changes_has_25_hours() -> None:
    zone = ZoneInfo("Europe/Berlin")
    day = date(2026, 10, 25)
    whole = Interval(1, "on", datetime(2026, 10, 24, tzinfo=zone), datetime(2026, 10, 27, tzinfo=zone))
    found = hours_by_day([whole], first=day, last=day, zone=zone, now=datetime(2026, 11, 1, tzinfo=UTC))
    assert found == {(1, "on", day): 25 * 3600.0}


def test_a_name_that_is_a_formula_is_text_in_the_export(world: World) -> None:
    world.agent.name = "=HYPERLINK(1)"
    world.agent.save()
    set_presence(user=world.agent, state="on", now=world.now - timedelta(hours=1))
    assert "'=HYPERLINK(1)" in world.client("eng").get("/hours.csv").content.decode()
