"""Which viewers an alert is about, found while it opens, over the real engines."""

from datetime import timedelta

from aftercare.watch.models import Comparison
from aftercare.watch.tests.watching import alerts
from aftercare.watch.words import causes_of

PROVINCES, CARRIERS, DEVICES = ("广东", "江苏", "四川"), ("CMCC", "CTCC"), ("adr", "ios", "pc")


def viewers(stage, app, *, ago_s, stalled, rooms=4):
    """A report of ten seconds by three viewers of each place; `stalled` says whose player stalls for half of it."""
    rows = []
    for place, (province, carrier, device, room) in enumerate(
        (p, c, d, f"room{r}") for p in PROVINCES for c in CARRIERS for d in DEVICES for r in range(rooms)
    ):
        facts = {"province": province, "carrier": carrier, "device": device, "stream": room, "country": "CN"}
        stall_ms = 5000 if stalled(facts) else 100
        row = {"customer": app.customer_id, "app": app.pk, "ts": stage.now - timedelta(seconds=ago_s)}
        row |= {"interval_ms": 10_000, "play_ms": 10_000 - stall_ms, "stall_ms": stall_ms}
        rows += [row | facts | {"session": f"v{place}-{n}"} for n in range(3)]
    stage.telemetry.add(rows)


def opened(stage, app, stalled):
    """An alert of an app that was well for a quarter of an hour, and of which some viewers then stall."""
    monitor = stage.monitor(app)
    for ago_s in range(60, 900, 60):
        viewers(stage, app, ago_s=ago_s, stalled=lambda facts: False)
    for ago_s in (1, 11, 21):
        viewers(stage, app, ago_s=ago_s, stalled=stalled)
    stage.tick()
    (alert,) = alerts(monitor)
    return alert


def test_one_carrier_of_one_province(stage, world):
    alert = opened(stage, world.show_app, lambda facts: (facts["province"], facts["carrier"]) == ("广东", "CMCC"))
    (cause,) = alert.located["causes"]
    assert cause["values"] == {"province": "广东", "carrier": "CMCC"}
    assert cause["inside"] > 40 and cause["outside"] < 2 and cause["explains"] > 0.9
    assert causes_of(alert)[0].startswith(
        "Carrier = CMCC, Province = 广东: 50.00%, elsewhere 1.00%; 100% of the trouble"
    )


def test_one_room_whose_publisher_stalls(stage, world):
    alert = opened(stage, world.show_app, lambda facts: facts["stream"] == "room2")
    assert [cause["values"] for cause in alert.located["causes"]] == [{"stream": "room2"}]


def test_two_at_once(stage, world):
    def stalled(facts):
        return facts["device"] == "pc" or (facts["province"], facts["carrier"]) == ("江苏", "CTCC")

    alert = opened(stage, world.show_app, stalled)
    told = [cause["values"] for cause in alert.located["causes"]]
    assert told == [{"device": "pc"}, {"province": "江苏", "carrier": "CTCC"}]


def test_everybody_is_nobody_in_particular(stage, world):
    alert = opened(stage, world.show_app, lambda facts: True)
    assert "causes" not in alert.located


def test_the_good_side_counts_too(stage, world):
    """Joins that fail: the metric is better the higher it is."""
    joins = {"metric": "join_success", "comparison": Comparison.BELOW, "threshold": 95.0}
    monitor = stage.monitor(world.show_app, **joins)
    row = {"customer": world.show_app.customer_id, "app": world.show_app.pk, "elapsed_ms": 300}
    rows = []
    for ago_s in (1, *range(90, 900, 30)):
        for n in range(60):
            version = "4.2" if n % 3 else "4.1"
            failed = ago_s == 1 and version == "4.2"
            event = "join_failed" if failed else "join_ok"
            at = stage.now - timedelta(seconds=ago_s)
            rows.append(row | {"ts": at, "session": f"j{ago_s}-{n}", "event": event, "sdk_version": version})
    stage.telemetry.add(rows)
    stage.tick()
    (alert,) = alerts(monitor)
    (cause,) = alert.located["causes"]
    assert cause["values"] == {"sdk_version": "4.2"}
    assert (cause["inside"], cause["outside"]) == (0.0, 100.0)
