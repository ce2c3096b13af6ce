"""What is refused at drafting and announcing: lateness without a reason, freezes, half-said changes; who decided."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aftercare.audit.models import Entry
from aftercare.incidents.assurance.planning import call_off
from aftercare.incidents.changes.announcing import announce_change, move_window
from aftercare.incidents.changes.forms import WindowForm
from aftercare.incidents.changes.freezing import lift_freeze
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.models import Change, ChangeState
from aftercare.incidents.tests.changing import DAY, HOUR, TEXTS, announced, draft, freeze, make_edge
from aftercare.incidents.tests.gala import make_gala
from aftercare.kernel.errors import Refused
from aftercare.telemetry.actions.resources import add_resource
from aftercare.telemetry.models import Resource
from tests.world import World


def test_late_maintenance_needs_a_reason_and_stays_marked(world: World) -> None:
    make_edge(world)
    change = draft(world, kind="maintenance", starts_in=5 * HOUR)
    page = world.client("eng").get(f"/changes/{change.ref}").content.decode()
    assert "promised 72 hours of notice, and this comes later" in page
    refused = world.client("eng").post(f"/changes/{change.ref}/announcement", {})
    assert refused.status_code == 409 and "Say why" in refused.content.decode()
    said = {"late_reason": "A disk fails."}
    world.client("eng").post(f"/changes/{change.ref}/announcement", said)
    page = world.client("eng").get(f"/changes/{change.ref}").content.decode()
    assert "before; promised 72 h" in page and "A disk fails." in page


def test_the_promised_lead_is_a_setting_and_announced_ones_keep_theirs(world: World) -> None:
    make_edge(world)
    early = announced(world, starts_in=4 * DAY)
    rules = {"suspect_change_h": 24, "suspect_cutover_h": 24, "suspect_maintenance_h": 24}
    client = world.client("mei")
    assert client.post("/changes/rules", {"promised_lead_h": 120, **rules}).status_code == 302
    assert client.post("/changes/rules", {"promised_lead_h": 9999, **rules}).status_code == 400
    assert world.client("eng").get("/changes/rules").status_code == 403
    early.refresh_from_db()
    assert not early.is_late
    with pytest.raises(Refused, match="120 hours"):
        announced(world, starts_in=4 * DAY)


def test_in_a_freeze_it_is_refused_unless_a_manager_says_why(world: World) -> None:
    make_edge(world)
    freeze(world)
    change = draft(world)
    with pytest.raises(Refused, match="may not break it"):
        announce_change(change=change, freeze_reason="I want to.", actor=world.eng, now=world.now)
    with pytest.raises(Refused, match="say why it must"):
        announce_change(change=change, actor=world.mei, now=world.now)
    change.refresh_from_db()
    assert change.state == ChangeState.DRAFT
    announce_change(change=change, freeze_reason="The switch burns.", actor=world.mei, now=world.now)
    assert Entry.objects.filter(action="change.break_freeze", actor_id=world.mei.pk).exists()
    assert "The switch burns." in world.client("eng").get(f"/changes/{change.ref}").content.decode()


def test_an_event_freezes_what_serves_it(world: World) -> None:
    edge = make_edge(world)
    make_edge(world, "tokyo-1", served=False)
    gala = make_gala(world, starts_at=world.now + 10 * DAY)
    page = world.client("eng").get("/changes").content.decode()
    assert page.count("Friday gala") in (1, 2), "on each day of it, which are two where it goes over midnight"
    assert "Friday gala" not in world.client("zhao").get("/changes").content.decode()
    with pytest.raises(Refused, match=r"Friday gala.*may not break"):
        announced(world, resources=[edge])
    announce_change(change=draft(world, resources=[edge]), freeze_reason="It burns.", actor=world.mei, now=world.now)
    assert announced(world, resources=Resource.objects.filter(name="tokyo-1")).state == ChangeState.ANNOUNCED
    call_off(assurance=gala, actor=world.ada, now=world.now)
    assert announced(world, resources=[edge]).state == ChangeState.ANNOUNCED


def test_a_window_is_not_moved_into_a_freeze_either(world: World) -> None:
    make_edge(world)
    freeze(world)
    change = announced(world, starts_in=5 * DAY)
    at = world.now + 10 * DAY
    with pytest.raises(Refused, match="freeze"):
        move_window(change=change, starts_at=at, ends_at=at + HOUR, actor=world.eng, now=world.now)
    change.refresh_from_db()
    assert change.window == 1


def test_a_freeze_is_about_its_regions_and_customers_alone(world: World) -> None:
    region = add_resource(kind="region", name="shanghai", parent=None, actor=world.ada, now=world.now)
    other = add_resource(kind="region", name="tokyo", parent=None, actor=world.ada, now=world.now)
    add_resource(kind="edge", name="sh-edge-3", parent=region, actor=world.ada, now=world.now)
    freeze(world, scope="regions", regions=[other])
    freeze(world, scope="customers", customers=[world.social])
    assert announced(world).state == ChangeState.ANNOUNCED
    with pytest.raises(Refused, match="freeze"):
        announced(world, customers=[world.social])
    ours = freeze(world, scope="regions", regions=[region], breakers=[world.eng])
    with pytest.raises(Refused, match="say why"):
        announced(world)
    assert announced(world, freeze_reason="Named to.").state == ChangeState.ANNOUNCED
    with pytest.raises(Refused, match="may not break"):
        announce_change(change=draft(world), freeze_reason="Boss.", actor=world.mei, now=world.now)
    lift_freeze(freeze=ours, actor=world.ada, now=world.now)
    assert announced(world).state == ChangeState.ANNOUNCED


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"lasts": timedelta(0)}, "ends before it begins"),
        ({"lasts": 15 * DAY}, "two weeks"),
        ({"starts_in": 500 * DAY}, "more than a year"),
        ({"kind": "party"}, "sort of work"),
        ({"risk": "none"}, "how risky"),
        ({"notice_days": [5]}, "14, 7, 3, 2 and 1"),
        ({"notice_days": []}, "at least one day"),
        ({"texts": replace(TEXTS, rollback=" ")}, "roll it back"),
        ({"texts": replace(TEXTS, title="", title_zh=" ")}, "what is changed"),
        ({"texts": replace(TEXTS, plan="")}, "what will be done"),
    ],
)
def test_what_cannot_be_planned_gets_a_sentence(world: World, more: dict[str, Any], sentence: str) -> None:
    make_edge(world)
    with pytest.raises(Refused, match=sentence):
        draft(world, **more)
    assert not Change.objects.exists()


def test_a_medium_risk_does_not_begin_silently_over_missing_answers(world: World) -> None:
    make_edge(world)
    change = announced(world)
    client = world.client("eng")
    early = client.post(f"/changes/{change.ref}/start", {"decision": "Now."})
    assert early.status_code == 409 and "has not begun" in early.content.decode()
    with pytest.raises(Refused, match="1 customers have not confirmed"):
        start_change(change=change, actor=world.eng, now=change.starts_at)
    start_change(change=change, decision="They do not answer.", actor=world.eng, now=change.starts_at)
    start_change(change=change, actor=world.eng, now=change.starts_at)
    assert change.story.filter(kind="decided").count() == change.story.filter(kind="started").count() == 1
    with pytest.raises(Refused, match="why it was rolled back"):
        end_change(change=change, rolled_back=True, actor=world.eng, now=change.starts_at)
    end_change(change=change, rolled_back=True, reason="Loss.", actor=world.eng, now=change.starts_at)
    with pytest.raises(Refused, match="does not run"):
        end_change(change=change, actor=world.eng, now=change.starts_at)


def test_after_its_window_it_does_not_begin(world: World) -> None:
    make_edge(world)
    change = announced(world)
    with pytest.raises(Refused, match="is over"):
        start_change(change=change, decision="Late.", actor=world.eng, now=change.ends_at)


def test_two_people_edit_one_change_and_nothing_is_overwritten(world: World) -> None:
    make_edge(world)
    change = draft(world)
    client = world.client("eng")
    form = client.get(f"/changes/{change.ref}/edit").context["form"]
    fields = {name: form[name].value() for name in form.fields}
    fields = {name: value for name, value in fields.items() if value not in (None, "", False)}
    mine = {**fields, "local_from": "2099-01-01T20:00", "plan": "x"}
    assert client.post(f"/changes/{change.ref}/edit", mine).status_code == 400, "more than a year away"
    assert client.post(f"/changes/{change.ref}/edit", {**fields, "plan": "Mine."}).status_code == 302
    late = client.post(f"/changes/{change.ref}/edit", {**fields, "plan": "Yours."})
    assert late.status_code == 400 and "in the meantime" in late.content.decode()
    change.refresh_from_db()
    assert change.plan == "Mine."


def test_a_skipped_hour_of_the_wall_clock_is_its_first_instant() -> None:
    form = WindowForm(
        {"local_from": "2026-03-29T01:30", "local_until": "2026-03-29T04:00", "timezone": "Europe/London"}
    )
    assert form.is_valid()
    assert form.cleaned_data["starts_at"] == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert form.cleaned_data["ends_at"] == datetime(2026, 3, 29, 3, tzinfo=UTC)
    assert not WindowForm({"local_from": "x", "local_until": "2026-01-01T00:00", "timezone": "Mars/Base"}).is_valid()


def test_whom_it_touches_comes_from_the_map_with_all_parts(world: World) -> None:
    region = add_resource(kind="region", name="shanghai", parent=None, actor=world.ada, now=world.now)
    edge = make_edge(world)
    edge.parent = region
    edge.save()
    part = world.client("eng").get("/changes/affected", {"resources": region.ref}).content.decode()
    assert "Starlight Show" in part and "some apps" in part and "Whisper" not in part
    change = draft(world, resources=[region])
    assert [one.customer for one in change.customers.all()] == [world.show]
    assert world.client("zhao").get("/changes/affected").status_code == 404
