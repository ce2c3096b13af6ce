"""Making, editing and deleting monitors."""

import pytest

from aftercare.accounts.actions.customers import AppFacts, create_app
from aftercare.audit.models import Entry
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.actions import create_default_monitors, create_monitor, delete_monitor, edit_monitor
from aftercare.watch.models import Monitor, MonitorState, PlanVersion
from aftercare.watch.types import MonitorFacts

JOINS = MonitorFacts("join_success", "below", 95)


def test_every_new_app_has_the_default_rules(world):
    app = create_app(customer=world.show, facts=AppFacts("New", "", "show_live"), actor=None, now=world.now)
    lines = {(m.metric, m.severity): (m.comparison, m.threshold) for m in Monitor.objects.filter(app=app)}
    assert lines["join_success", "red"] == ("below", 95)
    assert lines["join_success", "warning"] == ("below", 98)
    assert lines["video_freeze_600", "red"] == ("above", 5)
    assert lines["video_freeze_600", "warning"] == ("above", 2)
    assert len(lines) == sum((m.red is not None) + (m.warning is not None) for m in METRICS.values())
    assert MonitorState.objects.filter(monitor__app=app, status="new").count() == len(lines)
    assert create_default_monitors(app=app, now=world.now) == []


def test_a_deleted_default_may_be_given_again(world):
    made = create_default_monitors(app=world.show_app, now=world.now)
    delete_monitor(monitor=made[0], actor=world.zhao, now=world.now)
    assert [m.metric for m in create_default_monitors(app=world.show_app, now=world.now)] == [made[0].metric]


def test_every_write_is_audited_and_renews_the_plan(world):
    monitor = create_monitor(app=world.show_app, facts=JOINS, actor=world.zhao, now=world.now)
    tokens = {PlanVersion.objects.get().token}
    edit_monitor(monitor=monitor, facts=MonitorFacts("join_success", "below", 90), actor=world.zhao, now=world.now)
    tokens.add(PlanVersion.objects.get().token)
    delete_monitor(monitor=monitor, actor=world.zhao, now=world.now)
    tokens.add(PlanVersion.objects.get().token)
    assert len(tokens) == 3
    entries = Entry.objects.filter(subject=monitor.ref).order_by("pk")
    assert [e.action for e in entries] == ["monitor.create", "monitor.edit", "monitor.delete"]
    assert entries[1].detail["threshold"] == [95, 90]
    assert {e.customer_id for e in entries} == {world.show.pk}


def test_an_edit_that_changes_nothing_writes_nothing(world):
    monitor = create_monitor(app=world.show_app, facts=JOINS, actor=None, now=world.now)
    edit_monitor(monitor=monitor, facts=JOINS, actor=None, now=world.now)
    assert Entry.objects.filter(subject=monitor.ref).count() == 1


def test_what_was_deleted_cannot_be_edited(world):
    monitor = create_monitor(app=world.show_app, facts=JOINS, actor=None, now=world.now)
    delete_monitor(monitor=monitor, actor=None, now=world.now)
    with pytest.raises(Refused):
        edit_monitor(monitor=monitor, facts=JOINS, actor=None, now=world.now)
    with pytest.raises(Refused):
        delete_monitor(monitor=monitor, actor=None, now=world.now)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"metric": "join_sucess"}, "There is no metric 'join_sucess'"),
        ({"threshold": float("nan")}, "must be a number"),
        ({"filters": {"colour": "red"}}, "There is no dimension 'colour'; there are: role"),
        ({"filters": {"carrier": "a\x1fb"}}, "visible characters"),
        ({"filters": {"carrier": "x" * 201}}, "visible characters"),
        ({"filters": dict.fromkeys(("carrier", "device", "os", "edge"), "x")}, "at most 3 conditions"),
        ({"comparison": "near"}, "'near' is none of: above, below"),
        ({"window_s": 0}, "The window is 10 to 3600"),
    ],
)
def test_refuses_with_a_sentence(world, changes, sentence):
    with pytest.raises(Refused, match="(?s).*" + sentence.replace("(", "\\(")):
        create_monitor(app=world.show_app, facts=MonitorFacts(**JOINS.as_dict() | changes), actor=None, now=world.now)


def test_an_app_has_so_many_rules_and_no_more(world, monkeypatch):
    monkeypatch.setattr("aftercare.watch.actions.monitors.MOST_PER_APP", 1)
    create_monitor(app=world.show_app, facts=JOINS, actor=None, now=world.now)
    with pytest.raises(Refused, match="the most there can be"):
        create_monitor(app=world.show_app, facts=JOINS, actor=None, now=world.now)
