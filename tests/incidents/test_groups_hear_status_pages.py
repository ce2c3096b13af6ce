"""A customer's service group that was chosen hears what changes on their status page, each change once, in its
language; what an update said there is not said again, and no group hears of anybody else's page.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.desk.models import Group, Message
from aftercare.incidents import actions
from aftercare.incidents import engine as incidents
from aftercare.incidents.changes.announcing import cancel_change, move_window
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.models import Change, ComponentNow, Incident, StatusComponent, StatusGroup
from aftercare.incidents.status import engine, in_groups, keeping
from aftercare.incidents.status.measuring import settle_verdicts
from aftercare.incidents.telling.posting import post_update
from aftercare.incidents.tests.changing import DAY, TEXTS, announced, begun, make_edge
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Account, Channel
from aftercare.watch.models import Alert
from tests.paging.dying import dies_after
from tests.world import World, make_world

MINUTE = timedelta(minutes=1)
HEADS = {"en": "Service status\n", "zh-hans": "服务状态\n"}


@pytest.fixture
def groups(world: World, tmp_path: Any, settings: Any) -> dict[str, Group]:
    """Both customers have a page; Starlight has a group in each language that hears, and one that does not; the other
    customer's hears as well. A component is measured, by the stall rate, and one is said by people.
    """
    settings.STATUS_DIR = tmp_path
    account = Account.objects.create(channel=Channel.FEISHU, name="Feishu", created_at=world.now)
    made = {}
    for name, customer in (("zh-hans", world.show), ("en", world.show), ("deaf", world.show), ("other", world.social)):
        made[name] = Group.objects.create(
            customer=customer,
            account=account,
            chat_id=f"oc_{name}",
            name=f"Group {name}",
            language="zh-hans" if name == "zh-hans" else "en",
            created_at=world.now,
            updated_at=world.now,
        )
    for customer in (world.show, world.social):
        keeping.open_private(customer=customer, actor=world.ada, now=world.now)
    for facts in (("Playback", "播放", "stall_rate"), ("Console", "控制台", "")):
        keeping.add_component(facts=keeping.ComponentFacts(*facts), actor=world.ada, now=world.now)
    for customer in (world.show, world.social):
        playback = StatusComponent.objects.get(metric="stall_rate")
        ComponentNow.objects.create(component=playback, customer=customer, verdict="healthy")
    for name in ("zh-hans", "en", "other"):
        in_groups.let_hear(group=made[name], hears=True, actor=world.ada, now=world.now)
    work(world.now)
    return made


def work(at: datetime) -> None:
    """What the pages' engine has to do; measuring aside, which would ask the telemetry."""
    for step in (engine.take_changes, in_groups.tell_groups):
        step(at)


def said(group: Group) -> list[str]:
    """What stands in the group, without its heading where it comes from the page."""
    bodies = Message.objects.filter(group=group).order_by("pk").values_list("body", flat=True)
    return [body.removeprefix(HEADS[group.language]) for body in bodies]


def verdict(world: World, at: datetime, told: str, customers: Sequence[Any] = ()) -> None:
    """The measuring finds this, for Starlight alone or for these."""
    playback = StatusComponent.objects.get(metric="stall_rate")
    kept = {one.customer_id: one.verdict for one in ComponentNow.objects.filter(component=playback)}
    settle_verdicts(playback, {**kept, **dict.fromkeys([one.pk for one in customers or (world.show,)], told)}, at)
    work(at)


def test_a_component_is_told_when_it_stays_bad_and_when_it_stays_good(world: World, groups: dict[str, Group]) -> None:
    verdict(world, world.now, "breached")
    verdict(world, world.now + 2 * MINUTE, "breached")
    assert said(groups["en"]) == [], "it may be over in a moment"
    for minutes in (3, 4, 8):
        verdict(world, world.now + minutes * MINUTE, "breached")
    assert said(groups["en"]) == ["▲ Playback: Degraded"] and said(groups["zh-hans"]) == ["▲ 播放：受影响"]
    verdict(world, world.now + 10 * MINUTE, "healthy")
    verdict(world, world.now + 20 * MINUTE, "breached")
    verdict(world, world.now + 25 * MINUTE, "warning")
    verdict(world, world.now + 39 * MINUTE, "warning")
    assert len(said(groups["en"])) == 1, "it comes and goes"
    for minutes in (40, 41, 90):
        work(world.now + minutes * MINUTE)
    assert said(groups["en"])[1:] == ["● Playback: Operational"]
    assert said(groups["deaf"]) == said(groups["other"]) == []


def test_unknown_is_neither(world: World, groups: dict[str, Group]) -> None:
    verdict(world, world.now, "unknown")
    work(world.now + 60 * MINUTE)
    verdict(world, world.now + 61 * MINUTE, "healthy")
    work(world.now + 90 * MINUTE)
    assert said(groups["en"]) == []


def test_what_people_say_of_a_component_is_told_to_all(world: World, groups: dict[str, Group]) -> None:
    console = StatusComponent.objects.get(metric="")
    keeping.say_state(component=console, state="outage", actor=world.ada, now=world.now)
    for minutes in (0, 3, 4):
        work(world.now + minutes * MINUTE)
    assert said(groups["en"]) == said(groups["other"]) == ["■ Console: Outage"]


def declared(world: World, **more: Any) -> Incident:
    """An incident of Starlight that a person worded."""
    facts: dict[str, Any] = {"title": "Edges drop", "title_zh": "节点异常", "severity": "red", "wakes": False, **more}
    found: Incident = actions.declare_incident(
        **facts, token="a" * 32, customers=[world.show], tickets=[], actor=world.ada, now=world.now
    )
    return found


def update(world: World, incident: Incident, at: datetime, stage: str = "identified") -> None:
    """An update of it, said."""
    facts = {"stage": stage, "body": f"It is {stage}.", "body_zh": "已定位。"}
    within = None if stage == "resolved" else timedelta(minutes=30)
    post_update(incident=incident, author=world.eng, next_within=within, token=f"{stage:a<32}"[:32], now=at, **facts)
    incidents.process_due(at)
    work(at)


def test_an_update_is_said_once_and_its_incident_not_beside_it(world: World, groups: dict[str, Group]) -> None:
    incident = declared(world)
    work(world.now)
    update(world, incident, world.now + 2 * MINUTE)
    work(world.now + 30 * MINUTE)
    assert said(groups["en"]) == ["It is identified."]
    actions.resolve_incident(incident=incident, user=world.eng, now=world.now + 31 * MINUTE)
    update(world, incident, world.now + 32 * MINUTE, "resolved")
    work(world.now + 60 * MINUTE)
    assert said(groups["en"]) == ["It is identified.", "It is resolved."]
    assert said(groups["other"]) == []


def test_an_incident_of_which_nobody_says_a_word_is_told(world: World, groups: dict[str, Group]) -> None:
    incident = declared(world)
    work(world.now)
    assert said(groups["en"]) == [], "whoever works on it may be about to say it better"
    for minutes in (3, 4):
        work(world.now + minutes * MINUTE)
    [begins] = said(groups["en"])
    assert begins.startswith("■ Edges drop: Outage · since ")
    assert said(groups["zh-hans"])[0].startswith("■ 节点异常：中断 · 始于 ")
    actions.resolve_incident(incident=incident, user=world.eng, now=world.now + 10 * MINUTE)
    for minutes in (10, 13, 14):
        work(world.now + minutes * MINUTE)
    assert len(said(groups["en"])) == 2 and "Edges drop: Over · " in said(groups["en"])[1]
    assert said(groups["deaf"]) == said(groups["other"]) == []


def test_where_no_update_is_said_the_page_tells_begin_and_end(world: World, groups: dict[str, Group]) -> None:
    Group.objects.filter(pk=groups["en"].pk).update(hears_incidents=False)
    incident = declared(world)
    update(world, incident, world.now)
    work(world.now + 4 * MINUTE)
    [begins] = said(groups["en"])
    assert begins.startswith("■ Edges drop: ") and "It is identified" not in begins
    assert said(groups["zh-hans"]) == ["已定位。"]
    actions.resolve_incident(incident=incident, user=world.eng, now=world.now + 10 * MINUTE)
    update(world, incident, world.now + 11 * MINUTE, "resolved")
    work(world.now + 14 * MINUTE)
    assert len(said(groups["en"])) == 2 and len(said(groups["zh-hans"])) == 2


def test_a_component_that_an_incident_explains_is_not_told_beside_it(world: World, groups: dict[str, Group]) -> None:
    open_alert(world, at=world.now)
    Alert.objects.update(metric="stall_rate")
    verdict(world, world.now, "breached")
    for minutes in (1, 4, 20):
        verdict(world, world.now + minutes * MINUTE, "breached")
    [only] = said(groups["en"])
    assert "since" in only and "Playback" not in only


def test_maintenance_is_told_in_all_that_becomes_of_it(world: World, groups: dict[str, Group]) -> None:
    make_edge(world)
    change = announced(world)
    work(world.now)
    work(world.now)
    [first] = said(groups["en"])
    assert first.startswith(f"◆ Maintenance: {TEXTS.title}: announced\n") and TEXTS.feel in first
    assert "(Asia/Shanghai)" in first and TEXTS.plan not in first
    window = {"starts_at": change.starts_at + DAY, "ends_at": change.ends_at + DAY}
    change = move_window(change=change, actor=world.eng, now=world.now, **window)
    work(world.now)
    change = begun(Change.objects.get(), world.now)
    start_change(change=change, decision="They sleep.", actor=world.eng, now=world.now)
    work(world.now)
    end_change(change=change, actor=world.eng, now=world.now)
    work(world.now)
    words = [one.partition("\n")[0].rpartition(": ")[2] for one in said(groups["en"])]
    assert words == ["announced", "moved to another time", "in progress", "over"]
    assert said(groups["other"]) == [], "whom it does not touch"


def test_what_was_cancelled_is_told_without_the_reason(world: World, groups: dict[str, Group]) -> None:
    make_edge(world)
    change = announced(world)
    cancel_change(change=change, reason="Secret", actor=world.eng, now=world.now + MINUTE)
    work(world.now + MINUTE)
    assert said(groups["en"]) == [], "who never heard of it"
    change = announced(world)
    work(world.now + 2 * MINUTE)
    cancel_change(change=change, reason="Secret", actor=world.eng, now=world.now + 3 * MINUTE)
    work(world.now + 3 * MINUTE)
    assert said(groups["en"])[-1].endswith(": cancelled") and "Secret" not in "".join(said(groups["en"]))


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_it_is_told_once(transactional_db: Any, tmp_path: Any, settings: Any) -> None:
    world = make_world()
    settings.STATUS_DIR = tmp_path
    account = Account.objects.create(channel=Channel.FEISHU, name="Feishu", created_at=world.now)
    group = Group.objects.create(
        customer=world.show,
        account=account,
        chat_id="oc_1",
        name="Group",
        language="en",
        created_at=world.now,
        updated_at=world.now,
    )
    keeping.open_private(customer=world.show, actor=world.ada, now=world.now)
    in_groups.let_hear(group=group, hears=True, actor=world.ada, now=world.now)
    work(world.now)
    make_edge(world)
    announced(world)
    for number in range(200):
        died = dies_after(number, lambda: in_groups.tell_groups(world.now + MINUTE))
        if not died:
            break
    assert not died and number > 10
    in_groups.tell_groups(world.now + 2 * MINUTE)
    assert len(said(group)) == 1


def test_who_chooses(world: World, groups: dict[str, Group]) -> None:
    deaf, other = groups["deaf"], groups["other"]

    def choose(name: str, group: Group, **more: str) -> int:
        answer = world.client(name).post("/status-pages/groups", {"group": group.ref, **more})
        return answer.status_code

    assert choose("stranger", deaf) == 404 and choose("zhao", other) == 404
    for path, field in (("groups", "group"), ("private", "customer"), ("components", "component")):
        assert world.client("ada").post(f"/status-pages/{path}", {field: "a\x00b"}).status_code == 404, "a zero byte"
    for name in ("viewer", "eng", "agent"):
        assert choose(name, deaf) == 403, name
    assert not StatusGroup.objects.filter(group=deaf).exists()
    assert choose("zhao", deaf) == choose("zhao", deaf) == 302, "the customer's own admin"
    assert StatusGroup.objects.filter(group=deaf).count() == 1
    page = world.client("zhao").get("/status-pages").content.decode()
    assert "Group deaf" in page and "Group other" not in page
    assert choose("ada", deaf, off="1") == 302 and not StatusGroup.objects.filter(group=deaf).exists()
    page = world.client("ada").get("/status-pages").content.decode()
    assert "Group deaf" in page and "Group other" in page
    keeping.close_page(page=world.show.status_page, actor=world.ada, now=world.now)
    assert not StatusGroup.objects.filter(group__customer=world.show).exists(), "a closed page is heard by nobody"
    assert choose("ada", deaf) == 409
