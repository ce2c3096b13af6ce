"""What breaks during a change, or soon after, names it: on the incident, in its timeline, in the page's words."""

from datetime import timedelta

import pytest

from aftercare.incidents.actions import declare_incident
from aftercare.incidents.changes.holding import maintenance_of
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.models import Change, Incident, Kind, Suspect
from aftercare.incidents.tests.changing import DAY, HOUR, announced, begun, make_edge
from aftercare.incidents.tests.scene import open_alert
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import make_duty
from tests.world import World

MINUTE = timedelta(minutes=1)


def ran(world: World, *, ago: timedelta, lasts: timedelta = HOUR / 2, ended: bool = True, **more: object) -> Change:
    """A change that began so long ago, and ended unless it still runs."""
    change = begun(announced(world, lasts=lasts, **more), world.now - ago)
    start_change(change=change, decision="x", actor=world.eng, now=change.starts_at)
    if ended:
        end_change(change=change, actor=world.eng, now=change.ends_at)
    change.refresh_from_db()
    return change


def test_the_page_the_timeline_and_the_incident_name_it(world: World) -> None:
    make_duty(world)
    make_edge(world)
    change = ran(world, ago=HOUR)
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    page = Page.objects.get()
    assert "Suspect: cut-over “sh-edge-3 to new switches” ran" in page.title
    assert "疑似" in page.title_zh and "割接" in page.title_zh
    assert incident.timeline.filter(kind=Kind.SUSPECTED).count() == 1
    shown = world.client("eng").get(f"/incidents/{incident.ref}").content.decode()
    assert "First suspect" in shown and f"/changes/{change.ref}" in shown and "the same app" in shown
    assert "Suspect" not in world.client("zhao").get(f"/incidents/{incident.ref}").content.decode()
    assert incident.title in world.client("eng").get(f"/changes/{change.ref}").content.decode()


def test_the_closest_comes_first_and_each_once(world: World) -> None:
    make_edge(world)
    far = ran(world, ago=3 * HOUR)
    near = ran(world, ago=HOUR)
    named = ran(world, ago=5 * HOUR, resources=[make_edge(world, "sh-edge-7", served=False)], customers=[world.show])
    by_customer = ran(world, ago=HOUR / 2, resources=[make_edge(world, "x-1", served=False)], customers=[world.show])
    alert = open_alert(world, at=world.now, filters={"edge": "sh-edge-7"})
    found = Incident.objects.get().suspects.all()
    assert [one.change for one in found] == [named, by_customer, near, far]
    open_alert(world, at=world.now, metric="first_frame_p95_ms")
    assert Suspect.objects.count() == 4 and alert.closed_at is None


@pytest.mark.parametrize(("ago", "is_suspect"), [(24 * HOUR, True), (25 * HOUR, False), (-MINUTE, False)])
def test_it_is_suspected_for_a_day_and_not_before_its_begin(world: World, ago: timedelta, is_suspect: bool) -> None:
    make_edge(world)
    ran(world, ago=ago)
    open_alert(world, at=world.now)
    assert Suspect.objects.exists() is is_suspect


def test_one_whose_begin_nobody_told_is_suspected_by_its_window(world: World) -> None:
    make_edge(world)
    begun(announced(world), world.now - MINUTE)
    open_alert(world, at=world.now)
    entry = Incident.objects.get().timeline.get(kind=Kind.SUSPECTED)
    assert "was planned" in entry.data["sentence"]


def test_what_touches_others_is_no_suspect(world: World) -> None:
    make_edge(world)
    ran(world, ago=HOUR)
    open_alert(world, at=world.now, app=world.social_app, filters={"label": "sh-edge-3"})
    assert not Suspect.objects.exists(), "a stranger's label names our edge in vain"


def test_an_incident_opened_by_hand_names_it_too(world: World) -> None:
    make_edge(world)
    ran(world, ago=HOUR, ended=False, lasts=2 * HOUR)
    facts = {"title": "No sound", "title_zh": "", "severity": "red", "wakes": False, "token": "a" * 32}
    declare_incident(**facts, customers=[world.show], actor=world.eng, now=world.now)  # type: ignore[arg-type]
    assert Suspect.objects.get().get_reach_display() == "the same customer"


def test_a_person_says_whether_it_was_this(world: World) -> None:
    make_edge(world)
    change = ran(world, ago=HOUR)
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    path, client = f"/incidents/{incident.ref}/suspects", world.client("eng")
    for _twice in range(2):
        assert client.post(path, {"change": change.ref, "was_it": "0"}).status_code == 302
    assert client.post(path, {"change": change.ref, "was_it": "1"}).status_code == 302
    assert Suspect.objects.get().was_it is True
    kinds = list(incident.timeline.filter(kind__startswith="change_").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["change_cleared", "change_blamed"]
    assert client.post(path, {"change": "nothing", "was_it": "1"}).status_code == 409
    assert world.client("agent").post(path, {"change": change.ref}).status_code == 403
    assert world.client("stranger").post(path, {"change": change.ref}).status_code == 404


def test_maintenance_holds_the_alerts_of_what_it_touches_in_its_window(world: World) -> None:
    make_edge(world)
    change = begun(announced(world, kind="maintenance", expects_alerts=True, lasts=HOUR), world.now - 10 * MINUTE)
    inside = open_alert(world, at=world.now, told=False)
    before = open_alert(world, at=world.now - 20 * MINUTE, told=False, metric="first_frame_p95_ms")
    whole = open_alert(world, at=world.now, told=False, app=None)
    foreign = open_alert(world, at=world.now, told=False, app=world.social_app, filters={"e": "sh-edge-3"})
    alerts = [inside, before, whole, foreign]
    assert maintenance_of(alerts, world.now) == {inside.pk: change}
    assert maintenance_of(alerts, change.ends_at + MINUTE) == {}
    start_change(change=change, decision="x", actor=world.eng, now=world.now)
    assert maintenance_of(alerts, world.now) == {inside.pk: change}
    end_change(change=change, actor=world.eng, now=world.now + MINUTE)
    assert maintenance_of(alerts, world.now + MINUTE) == {}, "done early, it holds no more"


def test_what_expects_no_alerts_holds_none(world: World) -> None:
    make_edge(world)
    begun(announced(world), world.now - DAY / 1000)
    assert maintenance_of([open_alert(world, at=world.now, told=False)], world.now) == {}
