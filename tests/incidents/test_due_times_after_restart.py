"""Due times outlast the engines: what fell due while none ran is told once when one starts again, and explained."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aftercare.clocks import engine as clocks_engine
from aftercare.clocks.calendars import CalendarFacts, save_calendar
from aftercare.clocks.models import Clock
from aftercare.incidents import engine
from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Delivery
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = tuple([((9 * 3600, 18 * 3600),)] * 5 + [()] * 2)


def test_due_times_after_restart(world: World) -> None:
    facts = CalendarFacts("Office", "", "Asia/Shanghai", "", True, OFFICE, {})
    save_calendar(calendar=None, facts=facts, actor=world.ada, now=world.now)
    friday = datetime(2026, 12, 4, 15, 0, tzinfo=SHANGHAI)
    open_alert(world, at=friday - timedelta(hours=1))
    incident = Incident.objects.get()
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=friday)
    clock = Clock.objects.get(kind="incident_report")
    assert clock.due_at == datetime(2026, 12, 9, 15, 0, tzinfo=SHANGHAI), "three working days, the weekend left out"
    page = world.client("eng").get(f"/incidents/{incident.ref}/review").content.decode()
    assert "Written report to customers" in page and "Why this time?" in page
    Incident.objects.update(reopens_at=None)
    late = datetime(2026, 12, 21, 8, 0, tzinfo=SHANGHAI)  # no engine ran for twelve days
    for _start in range(3):
        clocks_engine.process_due(late)
        engine.process_due(late)
    assert incident.timeline.filter(kind=Kind.REPORT_OVERDUE).count() == 1
    overdue = Delivery.objects.filter(kind="incident.duty", title__startswith="Overdue")
    assert overdue.filter(user=world.mei).count() == overdue.filter(user=world.ada).count() == 1
    entry = incident.timeline.get(kind=Kind.REPORT_OVERDUE)
    assert entry.at == clock.due_at, "it stands where it fell due, not where it was noticed"
    assert "overdue" in world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    assert "overdue" not in world.client("zhao").get(f"/incidents/{incident.ref}").content.decode().split("timeline")[1]
