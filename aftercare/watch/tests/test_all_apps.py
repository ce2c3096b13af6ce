"""Rules over all apps of a customer: measured together, named by the customer, unseen by strangers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aftercare.accounts.models import App
from aftercare.watch.actions import create_monitor
from aftercare.watch.models import Monitor
from aftercare.watch.tests.test_pages import FORM
from aftercare.watch.tests.watching import STALLS, alerts, status
from aftercare.watch.types import MonitorFacts


@pytest.fixture
def second(world):
    """Another app of Starlight Show, which has no rules of its own."""
    return App.objects.create(customer=world.show, name="Starlight Radio", created_at=world.now)


def over_all_apps(stage, customer, **facts):
    settings = STALLS | {"fire_after": 1, "resolve_after": 3} | facts
    return create_monitor(app=customer, facts=MonitorFacts(**settings), actor=None, now=stage.now)


def test_it_works(stage, world, second, told):
    monitor, own = over_all_apps(stage, world.show), stage.monitor(second)
    others, stranger = over_all_apps(stage, world.social), stage.monitor(world.social_app)
    stage.play(world.show_app, stalled=0.0, sessions=30)
    stage.play(second, stalled=0.4, sessions=10)
    stage.play(world.social_app, stalled=0.0)
    stage.tick()
    alert = alerts(monitor)[0]
    assert (alert.app, alert.customer, alert.first_value) == (None, world.show, 10.0), "sums over sums"
    assert alerts(own)[0].first_value == 40.0
    assert [status(m) for m in (others, stranger)] == ["ok", "ok"]
    assert len(told) == 2
    stage.now += timedelta(minutes=2)
    stage.play_on(second, stalled=0.0, times=3)
    assert (status(monitor), alerts(monitor)[0].close_reason) == ("ok", "recovered")


@pytest.mark.parametrize("filters", [{}, {"carrier": "CMCC"}, {"carrier": "CMCC", "sdk": "web"}])
def test_a_user_of_two_apps_counts_once(stage, world, second, filters):
    monitor = over_all_apps(stage, world.show, metric="users", threshold=25, filters=filters, min_volume=0)
    for user in range(30):
        for app in (world.show_app, second):
            stage.play(app, stalled=0.0, sessions=1, user=f"u{user}", carrier="CMCC", sdk="web")
    stage.play(world.show_app, stalled=0.0, user="elsewhere", carrier="CUCC", sdk="web")
    stage.tick()
    assert alerts(monitor)[0].first_value == (31 if not filters else 30)


@pytest.mark.parametrize("who", ["eng", "zhao"])
def test_made_edited_and_deleted_on_the_rules_page(stage, world, second, who):
    client = world.client(who)
    assert "all apps of Starlight Show" in client.get(reverse("watch:new_monitor")).content.decode()
    answer = client.post(reverse("watch:new_monitor"), FORM | {"app": f"all:{world.show.ref}"})
    monitor = Monitor.objects.get()
    assert answer.url == reverse("watch:monitor", args=[monitor.ref])
    assert (monitor.app, monitor.customer) == (None, world.show)
    page = client.get(answer.url).content.decode()
    assert "All apps" in page and "Look at the app" not in page
    assert client.get(reverse("watch:series", args=[monitor.ref])).status_code == 200
    for query in ("", f"?app={second.ref}"):
        assert "All apps" in client.get(reverse("watch:monitors") + query).content.decode()
    assert client.post(answer.url, FORM | {"threshold": "90"}).status_code == 302
    monitor.refresh_from_db()
    assert (monitor.threshold, monitor.app) == (90, None)
    assert client.post(reverse("watch:deletion", args=[monitor.ref])).url == reverse("watch:monitors")


def test_the_chart_adds_the_apps_up(stage, world, second):
    monitor = over_all_apps(stage, world.show)
    stage.play(world.show_app, stalled=0.0, sessions=30)
    stage.play(second, stalled=0.4, sessions=10)
    stage.play(world.social_app, stalled=1.0)
    series = world.client("zhao").get(reverse("watch:series", args=[monitor.ref])).json()
    assert 10.0 in series["series"][0]["values"]


def test_the_stranger_sees_nothing_of_it(stage, world, second):
    monitor = over_all_apps(stage, world.show)
    stage.play(second, stalled=0.5)
    stage.tick()
    assert alerts(monitor)
    client = world.client("stranger")
    for page in ("monitor", "series", "deletion"):
        assert client.get(reverse(f"watch:{page}", args=[monitor.ref])).status_code == 404
    assert "Starlight" not in client.get(reverse("watch:new_monitor")).content.decode()
    for listed in ("monitors", "alerts"):
        for query in ("", f"?app={second.ref}"):
            assert "All apps" not in client.get(reverse(f"watch:{listed}") + query).content.decode()
    sent = FORM | {"app": f"all:{world.show.ref}"}
    assert client.post(reverse("watch:new_monitor"), sent).status_code == 400
    assert Monitor.objects.count() == 1
    assert world.client("viewer").post(reverse("watch:new_monitor"), sent).status_code == 403


def test_the_apps_own_page_tells_of_it(stage, world, second):
    over_all_apps(stage, world.show)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    for app in (world.show_app, second):
        part = world.client("viewer").get(reverse("watch:app_monitors", args=[app.ref])).content.decode()
        assert "all apps of Starlight Show" in part and "1 alerting" in part
