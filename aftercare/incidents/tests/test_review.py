"""Grade, responsibility, due times of reports."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.clocks.models import Clock, ClockState
from aftercare.incidents import engine
from aftercare.incidents.actions import mark_mitigated, reopen_incident, resolve_incident
from aftercare.incidents.events import ResponsibilityChanged
from aftercare.incidents.models import Grading, Impact, Incident, IncidentCustomer, Kind, ReviewRules
from aftercare.incidents.queries import responsibility_of
from aftercare.incidents.review.rules import DEFAULTS, rules_in_force
from aftercare.incidents.tests.scene import OPEN_AT, close_alert, open_alert
from aftercare.kernel import events
from aftercare.telemetry.tests.made import crowd
from aftercare.watch.models import Alert
from tests.world import World

MINUTE = timedelta(minutes=1)
RULING = {
    "party": "ours",
    "reason": "Our edge dropped packets.",
    "evidence": "alert 1\nhttps://x.example/log",
    "seen": "0",
}


def test_it_works(telemetry: Any, world: World, incident: Incident) -> None:
    telemetry.add(
        [
            *crowd(world.show_app, world.now - 9 * MINUTE, 3, prefix="bad", stall_ms=4000),
            *crowd(world.show_app, world.now - 9 * MINUTE, 4, prefix="good"),
            *crowd(world.social_app, world.now - 9 * MINUTE, 5, stall_ms=4000),
        ]
    )
    engine.process_due(world.now)
    impact = Impact.objects.get()
    assert (impact.users, impact.sessions, impact.watched, impact.level) == (3, 3, 7, 4)
    assert impact.by_customer == [{"customer": world.show.ref, "users": 3, "sessions": 3, "watched": 7}]
    assert impact.due_at is not None and impact.due_at > world.now, "it is counted again while it goes on"
    lin = world.client("eng")
    page = lin.get(f"/incidents/{incident.ref}/review")
    assert page.status_code == 200 and "The table proposes Level 4" in page.content.decode()
    done = lin.post(f"/incidents/{incident.ref}/review/grade", {"level": "4", "seen": "0"})
    assert done.status_code == 302, done.content.decode()
    graded = Grading.objects.get()
    assert (graded.level, graded.proposed, graded.users, graded.rules_version, graded.by) == (4, 4, 3, 0, world.eng)
    assert incident.timeline.get(kind=Kind.GRADED).data["sentence_zh"] == "四级"
    assert "Level 4" in lin.get(f"/incidents/{incident.ref}").content.decode()


def test_where_nothing_was_measured_the_grade_is_a_persons_with_a_reason(world: World, incident: Incident) -> None:
    engine.process_due(world.now)
    assert (Impact.objects.get().users, Impact.objects.get().level) == (None, None)
    lin, address = world.client("eng"), f"/incidents/{incident.ref}/review/grade"
    without = lin.post(address, {"level": "2", "seen": "0"})
    assert without.status_code == 409 and "Say why" in without.content.decode()
    assert lin.post(address, {"level": "2", "seen": "0", "reason": "The gala.", "users": "20000"}).status_code == 302
    assert Grading.objects.get().users == 20000
    meanwhile = lin.post(address, {"level": "1", "seen": "0", "reason": "Mine."})
    assert meanwhile.status_code == 409 and "Mine." in meanwhile.content.decode(), "what was typed is still there"
    assert Grading.objects.count() == 1
    assert world.client("zhao").post(address, {"level": "1", "seen": "1", "reason": "!"}).status_code in (403, 404)
    assert world.client("agent").post(address, {"level": "1", "seen": "1", "reason": "!"}).status_code == 403


def test_whose_it_was_needs_evidence_and_is_told_to_who_listens(world: World, incident: Incident) -> None:
    heard: list[ResponsibilityChanged] = []
    events.subscribe(ResponsibilityChanged, heard.append)
    try:
        lin, address = world.client("eng"), f"/incidents/{incident.ref}/review/responsibility"
        assert lin.post(address, {**RULING, "evidence": ""}).status_code == 409
        shared = {**RULING, "party": "shared", "ours": "60", "theirs": "30"}
        assert "100 percent" in lin.post(address, shared).content.decode()
        assert lin.post(address, RULING).status_code == 302
        mine = {**shared, "theirs": "40", "customer": world.show.ref, "seen": "1"}
        assert lin.post(address, mine).status_code == 302
        foreign = lin.post(address, {**mine, "customer": world.social.ref, "seen": "2"})
        assert foreign.status_code == 400, "it does not touch this customer"
    finally:
        events._handlers[ResponsibilityChanged].remove(heard.append)
    ruling = responsibility_of(incident.pk, world.show.pk)
    assert ruling is not None and ruling.shares == {"ours": 60, "customer": 40}
    others = responsibility_of(incident.pk, world.social.pk)
    assert others is not None and others.shares == {"ours": 100} and others.evidence[1] == "https://x.example/log"
    assert [event.customer_id for event in heard] == [None, world.show.pk]
    page = lin.get(f"/incidents/{incident.ref}/review").content.decode()
    assert "shared" in page and "https://x.example/log" in page


def test_the_written_report_is_owed_from_the_end(world: World, incident: Incident) -> None:
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    clock = Clock.objects.get(kind="incident_report")
    assert clock.started_at == world.now and clock.state == ClockState.RUNNING
    assert reopen_incident(incident=Incident.objects.get(), now=world.now + 10 * MINUTE)
    clock.refresh_from_db()
    assert clock.state == ClockState.CANCELLED, "an incident that goes on owes no report yet"


def test_no_report_is_owed_for_a_light_grade_or_for_nobody(world: World, incident: Incident) -> None:
    world.client("eng").post(f"/incidents/{incident.ref}/review/grade", {"level": "4", "seen": "0", "reason": "Small."})
    close_alert(Alert.objects.get(), at=world.now)
    assert not Clock.objects.filter(kind="incident_report").exists()
    address = f"/incidents/{incident.ref}/review/grade"
    world.client("eng").post(address, {"level": "1", "seen": "1", "reason": "It was not small."})
    assert Clock.objects.get(kind="incident_report").state == ClockState.RUNNING, "a graver grade owes it after all"


def rules(**more: str) -> dict[str, Any]:
    """The form of the rules, filled with the defaults."""
    plain = {name: getattr(DEFAULTS, name) for name in DEFAULTS.__dataclass_fields__ if name not in ("grid", "version")}
    grid: dict[str, Any] = {
        name: [str(getattr(row, name)) for row in DEFAULTS.grid] for name in ("level", "users", "minutes")
    }
    return {**{name: "" if value is None else value for name, value in plain.items()}, **grid, "seen": "0", **more}


def test_the_table_is_a_version_and_old_grades_keep_theirs(world: World, incident: Incident) -> None:
    mei = world.client("mei")
    assert mei.get("/grading").status_code == 200
    assert mei.post("/grading", rules(report_days="5", regulator_hours="2")).status_code == 302
    assert (rules_in_force().version, rules_in_force().report_days, rules_in_force().grid) == (1, 5, DEFAULTS.grid)
    late = mei.post("/grading", rules(report_days="9"))
    assert late.status_code == 400 and "Somebody changed the rules meanwhile" in late.content.decode()
    assert world.client("eng").get("/grading").status_code == 403
    assert world.client("zhao").get("/grading").status_code == 404
    wrong = mei.post("/grading", {**rules(seen="1"), "users": ["ten", "", "", "", "", ""]})
    assert wrong.status_code == 400 and "ten" in wrong.content.decode()
    never = {**rules(seen="1"), "level": ["1", "2"], "users": ["10", "100"], "minutes": ["5", "5"]}
    assert "never reached" in mei.post("/grading", never).content.decode()
    assert ReviewRules.objects.count() == 1


def test_a_regulator_is_told_within_the_hours_of_the_rules(world: World, incident: Incident) -> None:
    world.client("mei").post("/grading", rules(regulator_hours="2"))
    lin = world.client("eng")
    lin.post(f"/incidents/{incident.ref}/review/grade", {"level": "1", "seen": "0", "reason": "The gala."})
    clock = Clock.objects.get(kind="incident_regulator")
    assert clock.due_at == incident.opened_at + timedelta(hours=2)
    assert lin.post(f"/incidents/{incident.ref}/review/regulator", {"text": ""}).status_code == 409
    assert lin.post(f"/incidents/{incident.ref}/review/regulator", {"text": "Fax, number 7"}).status_code == 302
    clock.refresh_from_db()
    assert clock.state == ClockState.STOPPED
    lin.post(f"/incidents/{incident.ref}/review/grade", {"level": "1", "seen": "1", "reason": "Still."})
    assert Clock.objects.filter(kind="incident_regulator").count() == 1, "what was told is not owed again"


def test_a_warning_owes_a_first_word_where_the_rules_say_so(world: World) -> None:
    world.client("mei").post("/grading", rules(first_warning="60", first_red="5"))
    open_alert(world, at=world.now, severity="warning")
    assert Clock.objects.get(kind="incident_update").due_at == world.now + 60 * MINUTE


def test_the_effect_counts_until_it_stopped(telemetry: Any, world: World, incident: Incident) -> None:
    mark_mitigated(incident=incident, actor=world.eng, now=world.now + OPEN_AT + 4 * MINUTE)
    engine.process_due(world.now)
    assert Impact.objects.get().minutes == 4


@pytest.mark.parametrize("name", ["zhao", "stranger"])
def test_customers_people_find_no_review(world: World, incident: Incident, name: str) -> None:
    IncidentCustomer.objects.get_or_create(incident=incident, customer=world.social)
    for path in (f"/incidents/{incident.ref}/review", "/grading", "/runbooks", "/drills"):
        assert world.client(name).get(path).status_code == 404, path
