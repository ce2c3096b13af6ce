"""Two incidents turn out to be the same trouble: one goes into the other, with all that belongs to it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from aftercare.audit.models import Entry
from aftercare.clocks.models import Clock, ClockState
from aftercare.desk.models import Message, Ticket
from aftercare.incidents import actions, engine
from aftercare.incidents.merging.actions import merge_incidents
from aftercare.incidents.models import Incident, Kind, Participant
from aftercare.incidents.telling.engine import tell_due
from aftercare.incidents.telling.posting import post_update
from aftercare.incidents.telling.promise import clock_of
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Delivery
from aftercare.oncall.models import Page
from tests.world import World, make_world


def two(world: World, **younger: Any) -> tuple[Incident, Incident]:
    """Starlight's, ten minutes old, and Whisper's of just now."""
    open_alert(world, at=world.now - timedelta(minutes=10))
    open_alert(world, at=world.now, app=world.social_app, **younger)
    older, newer = Incident.objects.order_by("opened_at")
    return older, newer


def merge(world: World, incident: Incident, other: Incident, **more: str) -> Any:
    """Lin merges them from the first one's page."""
    return world.client("eng").post(f"/incidents/{incident.ref}/merging", {"with": other.ref, **more})


def declared(world: World, *customers: Any, title: str = "Login is down", token: str = "d" * 32) -> Incident:
    """One that Lin opened and has."""
    return actions.declare_incident(
        title=title,
        title_zh="登录中断",
        severity="warning",
        customers=customers,
        wakes=False,
        token=token,
        actor=world.eng,
        now=world.now,
    )


def test_the_younger_goes_into_the_older_with_all_that_belongs_to_it(world: World) -> None:
    older, newer = two(world)
    lin = world.client("eng")
    lin.post(f"/incidents/{newer.ref}/tasks", {"title": "Look at the uplink"})
    lin.post(f"/incidents/{newer.ref}/roles", {"role": "commander", "person": world.mei.ref})
    page = lin.get(f"/incidents/{newer.ref}/merging").content.decode()
    assert older.title in page
    page = lin.get(f"/incidents/{newer.ref}/merging?with={older.ref}").content.decode()
    assert "Alerts: 1, customers: 1, tickets: 1 and open tasks: 1 go along." in page and "Merge them" in page
    answer = merge(world, newer, older)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/incidents/{older.ref}")
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (newer.status, newer.end_reason, newer.merged_into, newer.resolved_by) == (
        "resolved",
        "merged",
        older,
        world.eng,
    )
    assert older.alerts.count() == 2 and not newer.alerts.exists()
    assert {one.customer for one in older.customers.all()} == {world.show, world.social}
    assert set(Ticket.objects.values_list("incident_ref", flat=True)) == {older.ref}
    assert older.tasks.get().title == "Look at the uplink"
    assert Participant.objects.get(incident=older, until_at=None).user == world.mei
    assert Page.objects.get(subject_ref=newer.ref).state == "closed"
    said = Delivery.objects.filter(kind="page.closed").values_list("title", flat=True)
    assert all(one.startswith("Goes on as part of another incident: ") for one in said), "it is not over"
    assert Page.objects.get(subject_ref=older.ref).state == "open"
    assert Entry.objects.filter(action="incident.merge", actor_id=world.eng.pk).count() == 2
    assert merge(world, newer, older).status_code == 302, "twice counts once"
    assert older.timeline.filter(kind=Kind.MERGED).count() == 1


def test_links_lead_to_where_it_goes_on_and_both_stories_stay(world: World) -> None:
    older, newer = two(world)
    merge(world, newer, older)
    lin = world.client("eng")
    assert lin.get(f"/incidents/{newer.ref}").headers["Location"] == f"/incidents/{older.ref}"
    own = lin.get(f"/incidents/{newer.ref}?own=1").content.decode()
    assert "Incident opened" in own and "goes on there" in own and f'href="/incidents/{older.ref}"' in own
    home = lin.get(f"/incidents/{older.ref}").content.decode()
    assert f'href="/incidents/{newer.ref}?own=1"' in home and "this is the same trouble" in home
    listed = lin.get("/incidents").content.decode()
    assert f"/incidents/{older.ref}" in listed and f"/incidents/{newer.ref}" not in listed
    refused = lin.post(f"/incidents/{newer.ref}/tasks", {"title": "Look"})
    assert refused.status_code == 409 and "go on there" in refused.content.decode()
    assert world.client("stranger").get(f"/incidents/{newer.ref}").headers["Location"] == f"/incidents/{older.ref}"


def test_one_update_answers_all_and_nobody_is_told_before(world: World) -> None:
    older, newer = two(world)
    before = Message.objects.count()
    merge(world, newer, older)
    assert Message.objects.count() == before
    facts = {"stage": "identified", "body": "We found it.", "body_zh": "已定位。", "token": "a" * 32}
    post_update(incident=older, author=world.eng, next_within=timedelta(minutes=30), now=utc_now(), **facts)
    assert tell_due(utc_now()) == 2
    assert sorted(Message.objects.order_by("pk").values_list("ticket__customer__name", flat=True)[before:]) == [
        "Starlight Show",
        "Whisper 1-1",
    ]


def test_an_update_on_its_way_arrives_in_the_ticket_that_moved(world: World) -> None:
    older, newer = two(world)
    facts = {"stage": "identified", "body": "We found it.", "body_zh": "已定位。", "token": "a" * 32}
    post_update(incident=newer, author=world.eng, next_within=timedelta(minutes=30), now=utc_now(), **facts)
    merge(world, newer, older)
    tickets = Ticket.objects.count()
    assert tell_due(utc_now()) == 1
    assert Ticket.objects.count() == tickets
    said = Message.objects.get(side="provider", author=world.eng)
    assert said.ticket is not None and said.ticket.customer == world.social
    assert not older.timeline.filter(kind=Kind.PROVIDER_REPLIED).exists(), "an update has its own line"


def test_of_two_promised_words_the_earlier_holds(world: World) -> None:
    older, newer = two(world)
    facts = {"body": "We look.", "body_zh": "排查中。", "stage": "investigating", "author": world.eng}
    now = utc_now()
    post_update(incident=older, token="a" * 32, next_within=timedelta(hours=2), now=now, **facts)
    post_update(incident=newer, token="b" * 32, next_within=timedelta(minutes=20), now=now, **facts)
    merge(world, newer, older)
    clock = clock_of(older)
    assert clock is not None and clock.due_at == now + timedelta(minutes=20)
    assert clock_of(newer) is None
    assert not Clock.objects.filter(state=ClockState.STOPPED, breached_at__isnull=False).exists()


def test_what_is_worse_makes_it_worse_and_calls_unless_somebody_has_it(world: World) -> None:
    open_alert(world, at=world.now - timedelta(minutes=10), severity="warning")
    open_alert(world, at=world.now, app=world.social_app)
    older, newer = Incident.objects.order_by("opened_at")
    world.client("mei").post(f"/incidents/{older.ref}/acknowledgement")
    merge(world, newer, older)
    older.refresh_from_db()
    assert (older.severity, older.status) == ("red", "open"), "who took a warning has not yet taken this"
    page = Page.objects.get(subject_ref=older.ref)
    assert (page.severity, page.state) == ("red", "open")
    assert {one.ticket.severity for one in older.customers.select_related("ticket")} == {"P2"}


def test_whoever_had_the_worse_one_has_it(world: World) -> None:
    open_alert(world, at=world.now - timedelta(minutes=10), severity="warning")
    open_alert(world, at=world.now, app=world.social_app)
    older, newer = Incident.objects.order_by("opened_at")
    world.client("mei").post(f"/incidents/{newer.ref}/acknowledgement")
    merge(world, newer, older)
    older.refresh_from_db()
    assert (older.severity, older.status, older.acknowledged_by) == ("red", "acknowledged", world.mei)
    assert Page.objects.get(subject_ref=older.ref).state == "acknowledged"


def test_it_ends_when_the_last_alert_of_both_closes(world: World) -> None:
    older, newer = two(world)
    alerts = [older.alerts.get().alert, newer.alerts.get().alert]
    merge(world, newer, older)
    close_alert(alerts[0], at=world.now + timedelta(minutes=1))
    older.refresh_from_db()
    assert older.status == "open"
    close_alert(alerts[1], at=world.now + timedelta(minutes=2))
    older.refresh_from_db()
    assert (older.status, older.end_reason) == ("resolved", "recovered")


def test_later_alerts_of_both_places_join_it_and_page_no_more(world: World) -> None:
    older, newer = two(world)
    merge(world, newer, older)
    pages = Page.objects.count()
    for app in (world.show_app, world.social_app):
        open_alert(world, at=world.now + timedelta(minutes=3), app=app, metric="join_time")
    assert Incident.objects.count() == 2 and older.alerts.count() == 4
    assert Page.objects.count() == pages
    older.refresh_from_db()
    assert older.title.count("Starlight Live") == 1, "a later alert does not reword it"


def test_the_other_way_round_what_was_seen_first_counts(world: World) -> None:
    older, newer = two(world)
    began = older.opened_at
    assert merge(world, newer, older, stays=newer.ref).headers["Location"] == f"/incidents/{newer.ref}"
    newer.refresh_from_db()
    older.refresh_from_db()
    assert older.merged_into == newer and newer.opened_at == began


def test_what_went_into_it_before_goes_along(world: World) -> None:
    older, newer = two(world)
    third = declared(world, world.show)
    merge(world, newer, older)
    merge_incidents(goes=third, stays=older, actor=world.eng, now=utc_now())
    last = declared(world, world.show, world.social, title="Everything is slow", token="e" * 32)
    assert merge(world, older, last, stays=last.ref).status_code == 302
    for one in (older, newer, third):
        one.refresh_from_db()
        assert one.merged_into == last
    assert last.alerts.count() == 2
    listed = world.client("eng").get(f"/incidents/{last.ref}").content.decode()
    assert all(one.ref in listed for one in (older, newer, third))


@pytest.mark.parametrize("wrong", ["over", "merged", "itself", "public"])
def test_what_cannot_be_is_refused(world: World, wrong: str) -> None:
    older, newer = two(world)
    other, sentence = older, ""
    if wrong == "over":
        actions.resolve_incident(incident=older, user=world.eng, anyway=True, now=utc_now())
        sentence = "only what goes on is merged"
    if wrong == "merged":
        third = declared(world, world.show)
        merge_incidents(goes=older, stays=third, actor=world.eng, now=utc_now())
        sentence = "was merged into another incident already"
    if wrong == "public":
        newer.public_incident = type(newer).public_incident.related.related_model.objects.create(
            incident=newer, title="t", title_zh="t", published_by=world.eng, at=timezone.now()
        )
        sentence = "stands on the public status page"
    if wrong == "itself":
        assert merge(world, newer, newer).status_code == 400
        return
    answer = merge(world, newer, other)
    assert answer.status_code == 409 and sentence in answer.content.decode()
    newer.refresh_from_db()
    assert newer.merged_into is None and newer.alerts.count() == 1


def test_only_the_providers_own_may(world: World) -> None:
    older, newer = two(world)
    for name in ("zhao", "stranger", "success"):
        answer = world.client(name).post(f"/incidents/{newer.ref}/merging", {"with": older.ref})
        assert answer.status_code in (403, 404), name
        assert world.client(name).get(f"/incidents/{newer.ref}/merging").status_code in (403, 404)
    assert not Incident.objects.exclude(merged_into=None).exists()


def test_figures_count_them_once(world: World) -> None:
    older, newer = two(world)
    merge(world, newer, older)
    page = world.client("eng").get("/incident-figures?figure=mtta").content.decode()
    assert older.ref in page and newer.ref not in page


def test_both_ways_and_an_alert_at_the_same_instant(transactional_db: Any) -> None:
    """One of them goes, the other stays, and the alert is in the one that stays."""
    world = make_world()
    older, newer = two(world)
    start, answers = threading.Barrier(3), []

    def merges(stays: Incident) -> None:
        try:
            start.wait(10)
            answers.append(merge(world, newer, older, stays=stays.ref).status_code)
        finally:
            connection.close()

    def joins() -> None:
        try:
            start.wait(10)
            open_alert(world, at=world.now + timedelta(minutes=1), app=world.social_app, metric="join_time")
            answers.append(0)
        finally:
            connection.close()

    jobs = [(merges, (older,)), (merges, (newer,)), (joins, ())]
    threads = [threading.Thread(target=job, args=facts) for job, facts in jobs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [0, 302, 409]
    [home] = Incident.objects.filter(merged_into=None)
    assert home.alerts.count() == 3 and home.status == "open"
    assert Page.objects.exclude(state="closed").get().subject_ref == home.ref
    engine.process_due(utc_now())


def test_over_the_api(world: World) -> None:
    older, newer = two(world)
    lin, path = world.client("eng"), f"/api/v1/incidents/{newer.ref}/merging"

    def post(client: Any, into: str) -> Any:
        return client.post(path, {"into": into}, content_type="application/json")

    assert post(world.client("zhao"), older.ref).status_code == 404
    assert post(world.client("stranger"), older.ref).status_code in (403, 404)
    assert "There is no incident" in post(lin, "nobody").content.decode()
    for _twice in range(2):
        answer = post(lin, older.ref)
        assert (answer.status_code, answer.json()["ref"], len(answer.json()["alerts"])) == (200, older.ref, 2)
    assert lin.get(f"/api/v1/incidents/{newer.ref}").json()["merged_into"] == older.ref
    theirs = world.client("stranger").get(f"/api/v1/incidents/{newer.ref}").json()
    assert theirs["merged_into"] == older.ref and "Starlight" not in str(theirs)
