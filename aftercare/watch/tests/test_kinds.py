"""Rules about what is usual, an objective's budget, and silence, over the real engines, and tried on the past."""

from datetime import timedelta

import pytest
from django.utils import translation

from aftercare.kernel.errors import Refused
from aftercare.watch.models import Comparison, Kind, Severity
from aftercare.watch.tests.watching import alerts, status
from aftercare.watch.words import question, usual_words

ANOMALY = {"kind": Kind.ANOMALY, "metric": "join_success", "comparison": Comparison.BELOW, "threshold": None}
OBJECTIVE = {"kind": Kind.BURN_RATE, "metric": "join_success", "comparison": Comparison.BELOW, "threshold": 99.0}
SILENCE = {"kind": Kind.ABSENCE, "metric": "join_success", "comparison": Comparison.BELOW, "threshold": None}


def join_rows(app, at, attempts, failed, **facts):
    """Attempts to join at this moment; the first ones failed."""
    row = {"customer": app.customer_id, "app": app.pk, "ts": at, **facts}
    events = [{"event": "join_failed" if n < failed else "join_ok", "elapsed_ms": 400} for n in range(attempts)]
    return [row | event | {"session": f"{at:%d%H%M%S}-{n}"} for n, event in enumerate(events)]


def joined(stage, app, at, *, attempts=40, failed=0, **facts):
    """So many attempts to join at this moment, some of which failed."""
    stage.telemetry.add(join_rows(app, at, attempts, failed, **facts))


def lived(stage, app, *, days, failed=1, every=timedelta(minutes=10)):
    """Days of joins like every other day's."""
    steps = int(timedelta(days=days) / every)
    stage.telemetry.add([row for n in range(1, steps) for row in join_rows(app, stage.now - n * every, 40, failed)])


def begun(stage):
    """Let the first minute pass, in which silence may be the evaluator's own."""
    stage.tick()
    stage.now += timedelta(minutes=2)


def test_what_is_unusual_opens_an_alert_that_says_what_would_be_usual(stage, world):
    lived(stage, world.show_app, days=4)
    monitor = stage.monitor(world.show_app, **ANOMALY)
    joined(stage, world.show_app, stage.now, attempts=200, failed=5)
    stage.tick()
    assert status(monitor) == "ok"
    joined(stage, world.show_app, stage.now, attempts=200, failed=120)
    stage.tick()
    assert status(monitor) == "firing"
    (alert,) = alerts(monitor)
    assert alert.kind == Kind.ANOMALY
    assert alert.first_value < alert.threshold < alert.expected["shown_low"] < 97.5 < alert.expected["shown_high"]
    assert question(alert) == "Join success rate unusually low"
    assert usual_words(alert).startswith("usual for ") and usual_words(alert).endswith("%")
    with translation.override("zh-hans"):
        assert question(alert) == "进房成功率异常偏低"


def test_a_series_without_a_past_is_learned_and_wakes_nobody(stage, world):
    monitor = stage.monitor(world.show_app, **ANOMALY)
    begun(stage)
    for _ in range(2):
        joined(stage, world.show_app, stage.now, attempts=100, failed=90)
        stage.tick()
    assert status(monitor) == "learning"
    assert alerts(monitor) == []


def test_another_customers_trouble_is_not_ours(stage, world):
    lived(stage, world.show_app, days=4)
    monitor = stage.monitor(world.show_app, **ANOMALY)
    joined(stage, world.social_app, stage.now, attempts=400, failed=400)
    joined(stage, world.show_app, stage.now, attempts=200, failed=5)
    stage.tick()
    assert status(monitor) == "ok"


def test_an_objective_that_burns_away_fires_and_ends(stage, world):
    monitor = stage.monitor(world.show_app, **OBJECTIVE, fire_after=1, resolve_after=1)
    for minutes in range(1, 60):
        joined(stage, world.show_app, stage.now - timedelta(minutes=minutes), attempts=40)
    stage.tick()
    assert status(monitor) == "ok"
    for minutes in range(0, 20):
        joined(stage, world.show_app, stage.now - timedelta(minutes=minutes), attempts=40, failed=40)
    stage.tick(4)
    assert status(monitor) == "firing"
    (alert,) = alerts(monitor)
    assert alert.expected["kind"] == "burn_rate" and alert.expected["burn"] > 14.4
    assert question(alert) == "Join success rate uses up its objective of 99% too fast"
    assert "over 1 hour, and still over 5 min" in usual_words(alert)
    stage.now += timedelta(minutes=7)
    joined(stage, world.show_app, stage.now, attempts=400)
    stage.now += timedelta(minutes=30)
    joined(stage, world.show_app, stage.now, attempts=400)
    stage.tick(4)
    assert status(monitor) == "ok"


def test_silence_at_a_time_when_something_is_usual(stage, world):
    lived(stage, world.show_app, days=4)
    monitor = stage.monitor(world.show_app, **SILENCE, window_s=60)
    joined(stage, world.show_app, stage.now)
    stage.tick()
    assert status(monitor) == "ok"
    stage.now += timedelta(minutes=3)
    stage.tick(2)
    assert status(monitor) == "firing"
    (alert,) = alerts(monitor)
    assert alert.first_value is None
    assert question(alert) == "Join success rate: nothing is reported"


def test_silence_where_nothing_was_ever_reported_is_no_news(stage, world):
    monitor = stage.monitor(world.show_app, **SILENCE, window_s=60)
    begun(stage)
    stage.tick(3)
    assert status(monitor) == "no_data"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (ANOMALY | {"threshold": 3.0}, "A rule of this kind has no threshold."),
        (OBJECTIVE | {"threshold": None}, "The threshold must be a number."),
        (OBJECTIVE | {"threshold": 100.0}, "leaves nothing that may go wrong"),
        (OBJECTIVE | {"threshold": 40.0, "severity": Severity.RED}, "not 6 times as fast as allowed"),
        (OBJECTIVE | {"metric": "rtt", "threshold": 90.0}, "An objective is a percentage"),
        (OBJECTIVE | {"metric": "rate(edge.sent)"}, "Only metrics of the catalog can have an objective"),
        (ANOMALY | {"filters": {"country": "CN", "device": "x"}}, "No past is kept under these conditions"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(stage, world, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        stage.monitor(world.show_app, **facts)


FORM = {
    **{"metric": "join_success", "comparison": "below", "severity": "red", "window_s": "60", "fire_after": "1"},
    **{"resolve_after": "6", "no_data": "keep", "enabled": "on", "sensitivity": "normal"},
}


def test_a_rule_is_tried_on_the_past_before_it_is_saved(stage, world):
    lived(stage, world.show_app, days=10)
    for hours in (30, 100):
        for minute in range(5):
            joined(stage, world.show_app, stage.now - timedelta(hours=hours, minutes=minute), attempts=200, failed=150)
    form = FORM | {"app": world.show_app.ref}
    for kind, threshold in (("anomaly", ""), ("threshold", "70")):
        answer = world.client("eng").post("/monitors/preview", form | {"kind": kind, "threshold": threshold})
        assert answer.status_code == 200
        assert "It would have fired 2 times in the last 14 days." in answer.content.decode(), kind
    calm = world.client("eng").post("/monitors/preview", form | {"kind": "threshold", "threshold": "20"})
    assert "It would not have fired in the last 14 days." in calm.content.decode()
    wrong = world.client("eng").post("/monitors/preview", form | {"kind": "threshold", "threshold": ""})
    assert "This kind of rule needs a number." in wrong.content.decode()


def test_a_stranger_tries_nothing_on_others_past(stage, world):
    form = FORM | {"app": world.show_app.ref, "kind": "anomaly", "threshold": ""}
    assert world.client("viewer").post("/monitors/preview", form).status_code in (403, 404)
    monitor = stage.monitor(world.show_app)
    assert world.client("stranger").post(f"/monitors/{monitor.ref}/preview", form).status_code in (403, 404)
