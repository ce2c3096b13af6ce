"""The pages over HTTP: what is shown to whom, what may be changed by whom."""

import re

import pytest
from django.urls import reverse

from aftercare.watch.actions import create_default_monitors
from aftercare.watch.models import Alert, Monitor
from aftercare.watch.tests.watching import alerts, status

FORM = {
    "metric": "join_success",
    "comparison": "below",
    "threshold": "97.5",
    "severity": "warning",
    "window_s": "120",
    "min_volume": "",
    "fire_after": "2",
    "resolve_after": "6",
    "kind": "threshold",
    "sensitivity": "normal",
    "no_data": "keep",
    "enabled": "on",
}


@pytest.fixture
def monitor(stage, world):
    return stage.monitor(world.show_app)


def url(name, *args):
    return reverse(f"watch:{name}", args=args)


def test_it_works(world, stage, monitor):
    create_default_monitors(app=world.show_app, now=stage.now)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    page = world.client("eng").get(url("monitors")).content.decode()
    assert "Rebuffering ratio above 5%" in page
    assert page.index('state-word">alerting') < page.index('state-word">not looked at yet')
    assert "Starlight Show" in page
    alone = world.client("eng").get(url("monitor", monitor.ref)).content.decode()
    assert "Change this rule" in alone and "alerting" in alone
    listed = world.client("eng").get(url("alerts")).content.decode()
    assert "50.00<" in listed and "Rebuffering ratio above 5%" in listed


def test_chinese(world, stage, monitor):
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    world.zhao.language = "zh-hans"
    world.zhao.save()
    client = world.client("zhao")
    assert "告警规则" in client.get(url("monitors")).content.decode()
    page = client.get(url("monitor", monitor.ref)).content.decode()
    assert "卡顿时长占比高于 5%" in page and "告警中" in page and "阈值" in page


@pytest.mark.parametrize("name", ["monitor", "series", "deletion"])
def test_a_stranger_finds_nothing(world, monitor, name):
    assert world.client("stranger").get(url(name, monitor.ref)).status_code == 404
    assert world.client("stranger").post(url("monitor", monitor.ref), FORM).status_code == 404
    assert world.client("stranger").post(url("deletion", monitor.ref)).status_code == 404


def test_a_strangers_lists_are_their_own(world, stage, monitor):
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    client = world.client("stranger")
    for page in (client.get(url("monitors")), client.get(url("alerts")), client.get(url("alerts"), {"q": "Starlight"})):
        assert "Starlight Show" not in page.content.decode()
        assert "Starlight Live" not in page.content.decode()
        assert monitor.ref not in page.content.decode()
    assert client.get(url("app_monitors", world.show_app.ref)).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "agent"])
def test_readers_read_and_may_not_write(world, monitor, who):
    client = world.client(who)
    page = client.get(url("monitor", monitor.ref))
    assert page.status_code == 200
    assert "Change this rule" not in page.content.decode()
    assert client.post(url("monitor", monitor.ref), FORM).status_code == 403
    assert client.get(url("new_monitor")).status_code == 403
    assert client.post(url("new_monitor"), FORM | {"app": world.show_app.ref}).status_code == 403
    assert client.post(url("deletion", monitor.ref)).status_code == 403
    monitor.refresh_from_db()
    assert (monitor.metric, monitor.deleted_at) == ("rebuffering_ratio", None)


def test_the_signed_out_go_to_sign_in(world, monitor):
    for address in (url("monitors"), url("alerts"), url("monitor", monitor.ref)):
        assert world.client().get(address).status_code == 302


@pytest.mark.parametrize("who", ["eng", "zhao", "developer"])
def test_makes_a_monitor(world, who):
    sent = FORM | {"app": world.show_app.ref, "dimension1": "carrier", "value1": "CMCC"}
    answer = world.client(who).post(url("new_monitor"), sent)
    made = Monitor.objects.get()
    assert answer.url == url("monitor", made.ref)
    assert (made.app, made.customer, made.filters) == (world.show_app, world.show, {"carrier": "CMCC"})
    assert (made.threshold, made.window_s, made.min_volume, made.state.status) == (97.5, 120, None, "new")


def test_not_for_somebody_elses_app(world):
    answer = world.client("stranger").post(url("new_monitor"), FORM | {"app": world.show_app.ref})
    assert answer.status_code == 400
    assert not Monitor.objects.exists()


def test_edits_in_the_units_that_people_read(world, stage, monitor):
    sent = FORM | {"metric": "rebuffering_ratio", "comparison": "above", "threshold": "7", "min_volume": "30"}
    assert world.client("zhao").post(url("monitor", monitor.ref), sent).status_code == 302
    monitor.refresh_from_db()
    assert (monitor.threshold, monitor.min_volume) == (7.0, 1_800_000.0)
    page = world.client("zhao").get(url("monitor", monitor.ref)).content.decode()
    assert re.search(r"30\s(min|minutes) watched", page)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"threshold": "101"}, "between 0 and 100"),
        ({"threshold": "nan"}, "Enter a number"),
        ({"metric": "nothing"}, "nothing is not one of the available choices"),
        ({"window_s": "5"}, "The window is 10 to 3600 seconds"),
        ({"window_s": "7200"}, "The window is 10 to 3600 seconds"),
        ({"metric": "users", "window_s": "90", "threshold": "5"}, "in steps of 60"),
        ({"metric": "concurrent", "window_s": "10", "threshold": "5"}, "The window is 60 to 3600 seconds"),
        ({"min_volume": "-1"}, "0 or more"),
        ({"fire_after": "0"}, "between 1 and 720"),
        ({"dimension1": "colour", "value1": "red"}, "colour is not one of the available choices"),
        ({"value1": "CMCC"}, "Say which dimension"),
        ({"dimension1": "carrier"}, "visible characters"),
        ({"dimension1": "carrier", "value1": "a", "dimension2": "carrier", "value2": "b"}, "one condition only"),
    ],
)
def test_refuses_with_a_sentence(world, monitor, change, sentence):
    answer = world.client("eng").post(url("monitor", monitor.ref), FORM | change)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    monitor.refresh_from_db()
    assert monitor.metric == "rebuffering_ratio"


def test_deletes(world, stage, monitor):
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    client = world.client("zhao")
    assert "nobody is called" in client.get(url("deletion", monitor.ref)).content.decode()
    assert client.post(url("deletion", monitor.ref)).status_code == 302
    assert client.get(url("monitor", monitor.ref)).status_code == 404
    assert "the rule was deleted" in client.get(url("alerts")).content.decode()


def test_filters_and_pages(world, stage):
    create_default_monitors(app=world.show_app, now=stage.now)
    stage.monitor(world.social_app, enabled=False)
    client = world.client("eng")

    def shown(**asked):
        return client.get(url("monitors"), asked).content.decode().count("/monitors/")

    everything = shown()
    assert shown(app=world.show_app.ref) < everything
    assert 0 < shown(severity="red") < everything
    assert shown(status="off") < shown(status="new")
    assert shown(q="耳语") == shown(status="off")
    assert shown(q="no such thing") < shown(status="off")
    assert shown(status="nonsense", severity="nonsense", page="nonsense") == everything


def test_the_chart_has_the_rules_line(world, stage, monitor):
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    series = world.client("zhao").get(url("series", monitor.ref)).json()
    assert series["thresholds"][0]["value"] == 5.0
    assert 50.0 in series["series"][0]["values"]


def test_the_part_for_the_apps_page(world, stage, monitor):
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    part = world.client("viewer").get(url("app_monitors", world.show_app.ref)).content.decode()
    assert "Rebuffering ratio above 5%" in part and "1 alerting" in part
    assert status(monitor) == "firing" and alerts(monitor)


def test_a_metric_that_was_dropped_says_so(world, monitor):
    Monitor.objects.update(metric="gone")
    page = world.client("eng").get(url("monitor", monitor.ref))
    assert "no longer measured" in page.content.decode()
    assert world.client("eng").get(url("monitors")).status_code == 200
    assert world.client("eng").get(url("series", monitor.ref)).json() == {"times": [], "series": []}


def test_a_rules_alerts_are_paged_and_filtered(world, stage, monitor):
    other = stage.monitor(world.show_app, threshold=30)
    for app_monitor, number in ((monitor, 60), (other, 1)):
        stamp = {"customer": world.show, "app": world.show_app, "metric": "rebuffering_ratio", "comparison": "above"}
        limits = {"threshold": app_monitor.threshold, "window_s": 60, "severity": "red", "close_reason": "recovered"}
        Alert.objects.bulk_create(
            Alert(monitor=app_monitor, opened_at=stage.now, closed_at=stage.now, **stamp, **limits)
            for _ in range(number)
        )
    client = world.client("zhao")
    assert "All 60 alerts of this rule" in client.get(url("monitor", monitor.ref)).content.decode()
    listed = client.get(url("alerts"), {"monitor": monitor.ref, "page": "2"}).content.decode()
    assert "51–60 of 60" in listed and "above 30%" not in listed
    assert "No alert fits" in client.get(url("alerts"), {"monitor": monitor.ref, "state": "open"}).content.decode()
    theirs = world.client("stranger").get(url("alerts"), {"monitor": monitor.ref}).content.decode()
    assert "No alert fits" in theirs and "Starlight" not in theirs
