"""Quiet hours: warnings wait for the morning and their next step with them; a red line always rings."""

from datetime import UTC, datetime, time

import pytest

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.notify.models import ContactMethod, Delivery
from aftercare.notify.queries import quiet_until
from aftercare.oncall import engine
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from tests.world import World

NIGHT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # 03:00 in Shanghai
MORNING = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # 07:00


def keep_quiet(user: User, starts: time = time(22), ends: time = time(7)) -> None:
    """A browser that is pushed to, and hours in which it is silent."""
    ContactMethod.objects.create(
        user=user, channel="webpush", address="https://push.example/1", verified=True, created_at=NIGHT
    )
    notify.set_quiet_hours(user=user, starts=starts, ends=ends, now=NIGHT)


def due(page: Page, channel: str) -> datetime:
    return Delivery.objects.get(subject_ref=page.ref, channel=channel).due_at


def test_a_warning_waits_and_its_next_step_with_it(duty: Duty) -> None:
    keep_quiet(duty.world.eng)
    page = duty.page(now=NIGHT, severity="warning")
    assert (due(page, "webpush"), due(page, "push")) == (MORNING, NIGHT)
    assert engine.process_due(MORNING) == 0, "nobody else is woken for it in the night"
    page.refresh_from_db()
    assert page.next_step_at is not None and (page.next_step_at - MORNING).total_seconds() == 300


def test_a_red_line_rings_at_once(duty: Duty) -> None:
    keep_quiet(duty.world.eng)
    page = duty.page(now=NIGHT)
    assert due(page, "webpush") == NIGHT
    page.refresh_from_db()
    assert page.next_step_at is not None and (page.next_step_at - NIGHT).total_seconds() == 300


def test_whom_it_disturbs_in_daylight_hears_it_at_once(duty: Duty) -> None:
    keep_quiet(duty.world.eng)
    page = duty.page(severity="warning")
    assert due(page, "webpush") == duty.now


@pytest.mark.parametrize(
    ("zone", "starts", "ends", "now", "until"),
    [
        ("Asia/Shanghai", "22:00", "07:00", "2026-11-23T14:00Z", "2026-11-23T23:00Z"),
        ("Asia/Shanghai", "22:00", "07:00", "2026-11-23T13:59Z", None),
        ("Asia/Shanghai", "22:00", "07:00", "2026-11-23T23:00Z", None),
        ("Asia/Shanghai", "13:00", "14:00", "2026-11-23T05:30Z", "2026-11-23T06:00Z"),
        ("Asia/Shanghai", "13:00", "14:00", "2026-11-23T06:00Z", None),
        # The night of 8 March 2026 has no 02:30 in New York: they end where the clocks leap to 03:00.
        ("America/New_York", "22:00", "02:30", "2026-03-08T05:00Z", "2026-03-08T07:00Z"),
        # Half an hour of the night comes twice on Lord Howe: they end with the first 01:45.
        ("Australia/Lord_Howe", "22:00", "01:45", "2026-04-04T12:00Z", "2026-04-04T14:45Z"),
    ],
)
def test_hours_are_of_the_persons_own_clock(
    world: World, zone: str, starts: str, ends: str, now: str, until: str | None
) -> None:
    world.eng.timezone = zone
    at = datetime.fromisoformat(now)
    hours = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    notify.set_quiet_hours(user=world.eng, **hours, now=at)
    assert quiet_until(world.eng, at) == (datetime.fromisoformat(until) if until else None)


def test_they_are_kept_and_dropped_by_their_form(world: World) -> None:
    client = world.client("eng")
    path = "/settings/contacts/quiet-hours"
    assert client.post(path, {"starts": "22:00", "ends": "07:00"}).status_code == 302
    assert 'value="22:00"' in client.get("/settings/contacts").content.decode()
    assert client.get("/api/v1/quiet-hours").json() == {"starts": "22:00:00", "ends": "07:00:00"}
    half = client.post(path, {"starts": "22:00", "ends": ""})
    assert (half.status_code, "Give both times" in half.content.decode()) == (400, True)
    whole = client.post(path, {"starts": "07:00", "ends": "07:00"})
    assert (whole.status_code, "whole day" in whole.content.decode()) == (400, True)
    assert client.post(path, {"starts": "", "ends": ""}).status_code == 302
    assert quiet_until(world.eng, NIGHT) is None


def test_hours_of_the_whole_day_are_refused(world: World) -> None:
    with pytest.raises(Refused, match="whole day"):
        notify.set_quiet_hours(user=world.eng, starts=time(7), ends=time(7), now=NIGHT)
