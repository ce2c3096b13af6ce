"""The evaluation over real engines: what opens an alert, what closes it, and what never may."""

from datetime import timedelta

import pytest

from aftercare.watch.actions import delete_monitor, edit_monitor
from aftercare.watch.events import AlertClosed, AlertOpened
from aftercare.watch.models import Alert, MonitorChange, Severity
from aftercare.watch.tests.watching import alerts, status
from aftercare.watch.types import facts_of


def edited(monitor, stage, **changes):
    facts = facts_of(monitor).as_dict() | changes
    return edit_monitor(monitor=monitor, facts=type(facts_of(monitor))(**facts), actor=None, now=stage.now)


def test_it_works(stage, world, told):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.2)
    assert stage.tick() == 1
    alert = alerts(monitor)[0]
    assert (alert.app, alert.customer) == (world.show_app, world.show)
    assert (alert.first_value, alert.volume, alert.threshold) == (20.0, 20 * 60_000, 5.0)
    assert (alert.opened_at, alert.closed_at) == (stage.now, None)
    assert status(monitor) == "firing"
    assert told == [AlertOpened(alert.pk, stage.now)]
    change = MonitorChange.objects.get(monitor=monitor)
    assert (change.from_status, change.to_status, change.value) == ("new", "firing", 20.0)
    assert stage.tick(3) == 0


def test_a_fault_shows_in_the_first_evaluation_after_its_first_report(stage, world):
    monitor = stage.monitor(world.show_app)
    stage.play_on(world.show_app, stalled=0.0, times=4)
    assert status(monitor) == "ok"
    stage.play(world.show_app, stalled=1.0, ago_s=0)
    stage.tick()
    assert status(monitor) == "firing"


def test_closes_after_several_good_windows(stage, world, told):
    monitor = stage.monitor(world.show_app, resolve_after=3)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    stage.now += timedelta(minutes=2)
    stage.play_on(world.show_app, stalled=0.0, times=2)
    assert status(monitor) == "firing"
    stage.play_on(world.show_app, stalled=0.0, times=1)
    assert status(monitor) == "ok"
    alert = alerts(monitor)[0]
    assert (alert.closed_at, alert.close_reason) == (stage.now, "recovered")
    assert told == [AlertOpened(alert.pk, alert.opened_at), AlertClosed(alert.pk, stage.now)]


def test_a_relapse_counts_the_good_windows_anew(stage, world):
    monitor = stage.monitor(world.show_app, resolve_after=3, window_s=10)
    stage.play_on(world.show_app, stalled=0.5, times=1)
    for stalled in (0.0, 0.0, 0.5, 0.0, 0.0):
        stage.now += timedelta(seconds=15)
        stage.play_on(world.show_app, stalled=stalled, times=1)
        assert status(monitor) == "firing"
    assert len(alerts(monitor)) == 1


def test_too_little_volume_never_fires(stage, world):
    monitor = stage.monitor(world.show_app)
    for _ in range(20):
        stage.now += timedelta(seconds=70)
        stage.play_on(world.show_app, stalled=1.0, sessions=1, times=1)
    assert alerts(monitor) == []
    assert status(monitor) == "low_volume"


def test_the_floor_of_the_rule_wins_over_the_metrics(stage, world):
    monitor = stage.monitor(world.show_app, min_volume=0)
    stage.play(world.show_app, stalled=1.0, sessions=1)
    stage.tick()
    assert status(monitor) == "firing"


def test_a_few_failures_at_the_floor_are_chance(stage, world):
    facts = {"metric": "join_success", "comparison": "below", "threshold": 95.0}
    monitor, strict = stage.monitor(world.show_app, **facts), stage.monitor(world.show_app, min_volume=1, **facts)
    stage.play(world.show_app, stalled=0.0, sessions=28, event="join_ok")
    stage.play(world.show_app, stalled=0.0, sessions=4, event="join_failed")
    stage.tick()
    assert (alerts(monitor), status(strict)) == ([], "firing")
    stage.play(world.show_app, stalled=0.0, sessions=2, event="join_failed")
    stage.tick()
    assert status(monitor) == "firing"


def test_no_data_keeps_an_alert_open_and_says_so(stage, world):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    stage.tick(60)
    assert status(monitor) == "firing_blind"
    assert alerts(monitor)[0].is_open
    stage.play_on(world.show_app, stalled=0.5, times=1)
    assert status(monitor) == "firing"
    assert len(alerts(monitor)) == 1


def test_no_data_fires_where_the_rule_says_so(stage, world):
    monitor = stage.monitor(world.show_app, no_data="fire", fire_after=2)
    stage.tick(10)
    assert alerts(monitor) == []  # the first window after a start may be our own absence
    stage.tick(4)
    assert alerts(monitor)[0].first_value is None


def test_no_data_closes_where_the_rule_says_so(stage, world):
    monitor = stage.monitor(world.show_app, no_data="resolve")
    stage.play(world.show_app, stalled=0.5)
    stage.tick(20)
    assert (status(monitor), alerts(monitor)[0].close_reason) == ("no_data", "unseen")


def test_zero_is_a_value_where_the_app_reports(stage, world):
    monitor = stage.monitor(
        world.show_app, metric="sessions", comparison="below", threshold=5, min_volume=0, fire_after=1
    )
    stage.play(world.show_app, stalled=0.0)
    stage.tick()
    assert alerts(monitor)[0].first_value == 0


def test_a_restart_in_the_middle_of_a_streak_counts_it_anew(stage, world):
    monitor = stage.monitor(world.show_app, fire_after=3)
    stage.play(world.show_app, stalled=0.5)
    stage.tick(2)
    stage.evaluator = stage.another_evaluator()
    stage.tick(2)
    assert alerts(monitor) == []
    stage.tick()
    assert status(monitor) == "firing"


def test_a_restart_keeps_an_open_alert(stage, world, told):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    stage.evaluator = stage.another_evaluator()
    stage.tick(3)
    assert len(alerts(monitor)) == len(told) == 1
    stage.now += timedelta(minutes=2)
    stage.play_on(world.show_app, stalled=0.0, times=3)
    assert status(monitor) == "ok"


def test_two_evaluators_open_one_alert(stage, world, told):
    monitor = stage.monitor(world.show_app, fire_after=2)
    other = stage.another_evaluator()
    stage.play(world.show_app, stalled=0.5)
    for _ in range(4):
        stage.tick()
        other.process_due(stage.now)
    assert len(alerts(monitor)) == len(told) == 1
    stage.now += timedelta(minutes=2)
    for _ in range(5):
        stage.play_on(world.show_app, stalled=0.0, times=1)
        other.process_due(stage.now)
    assert (status(monitor), len(told)) == ("ok", 2)


def test_one_evaluator_takes_over_what_the_other_wrote(stage, world):
    monitor = stage.monitor(world.show_app)
    other = stage.another_evaluator()
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    other.process_due(stage.now)  # fires in the first, is overtaken in the second
    stage.now += timedelta(minutes=2)
    stage.play_on(world.show_app, stalled=0.0, times=4)  # only the first sees it recover
    assert status(monitor) == "ok"
    stage.now += timedelta(minutes=2)
    stage.play(world.show_app, stalled=0.5)
    other.process_due(stage.now)
    assert [alert.is_open for alert in alerts(monitor)] == [False, True]


def test_an_evaluation_too_soon_does_nothing(stage, world):
    monitor = stage.monitor(world.show_app, fire_after=2)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    for _ in range(5):
        assert stage.evaluator.process_due(stage.now + timedelta(seconds=1)) == 0
    assert alerts(monitor) == []


@pytest.mark.parametrize(
    "filters",
    [
        {"carrier": "CMCC"},
        {"province": "Guangdong", "carrier": "CMCC"},
        {"carrier": "CMCC", "device": "Pixel 9"},
        {"sdk": "web", "network": "wifi", "carrier": "CMCC"},
    ],
)
def test_filters_see_only_their_share(stage, world, filters):
    facts = {"province": "Guangdong", "carrier": "CMCC", "device": "Pixel 9", "sdk": "web", "network": "wifi"}
    narrow = stage.monitor(world.show_app, filters=filters)
    elsewhere = stage.monitor(world.show_app, filters=filters | {"carrier": "CTCC"})
    whole = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5, **facts)
    stage.play(world.show_app, stalled=0.0, sessions=400, **facts | {"carrier": "CTCC"})
    stage.tick()
    assert [status(monitor) for monitor in (narrow, elsewhere, whole)] == ["firing", "ok", "ok"]
    assert alerts(narrow)[0].first_value == 50.0


def test_distinct_users_are_counted_by_the_minute(stage, world):
    monitor = stage.monitor(world.show_app, metric="users_stalled", threshold=40)
    stage.play(world.show_app, stalled=0.5, user="a")
    for user in range(60):
        stage.play(world.show_app, stalled=float(user < 30), sessions=1, user=f"u{user}")
    stage.tick()
    assert (status(monitor), alerts(monitor)[0].volume) == ("firing", pytest.approx(61, rel=0.05))


@pytest.mark.parametrize("filters", [{"carrier": "CMCC", "device": "Pixel 9"}, {"sdk": "web"}])
def test_distinct_users_of_raw_rows_silence_nobody(stage, world, filters):
    facts = {"carrier": "CMCC", "device": "Pixel 9", "sdk": "web"}
    users = stage.monitor(world.show_app, metric="users", threshold=20, filters=filters, min_volume=0)
    stalled = stage.monitor(world.show_app, metric="users_stalled", threshold=40, filters=filters, min_volume=0)
    others = stage.monitor(world.social_app, filters=filters)
    for user in range(30):
        stage.play(world.show_app, stalled=float(user < 15), sessions=1, user=f"u{user}", **facts)
    stage.play(world.show_app, stalled=1.0, user="elsewhere", **facts | {"device": "x", "sdk": "y"})
    stage.play(world.social_app, stalled=0.5, **facts)
    stage.tick()
    assert [status(monitor) for monitor in (users, stalled, others)] == ["firing"] * 3
    assert (alerts(users)[0].first_value, alerts(stalled)[0].first_value) == (30, 50)


def test_one_rule_that_cannot_be_judged_silences_nobody(stage, world, monkeypatch):
    from aftercare.watch.engine import answers

    bad, good = stage.monitor(world.show_app), stage.monitor(world.social_app)

    def broken_for_one(rule, *asked):
        if rule.monitor_id == bad.pk:
            raise ValueError("nonsense")
        return read(rule, *asked)

    read = answers.read
    monkeypatch.setattr(answers, "read", broken_for_one)
    for app in (world.show_app, world.social_app):
        stage.play(app, stalled=0.5)
    stage.tick()
    assert (status(bad), status(good)) == ("new", "firing")


def test_another_customers_data_never_matters(stage, world):
    own, other = stage.monitor(world.show_app), stage.monitor(world.social_app)
    stage.play(world.social_app, stalled=0.9)
    stage.tick(20)
    assert (status(own), status(other)) == ("no_data", "firing_blind")
    stage.telemetry.add(  # somebody's rows under the other's app number
        [
            {
                "customer": world.social.pk,
                "app": world.show_app.pk,
                "ts": stage.now,
                "session": f"x{n}",
                "interval_ms": 60_000,
                "stall_ms": 60_000,
            }
            for n in range(50)
        ]
    )
    stage.tick(3)
    assert alerts(own) == []


def test_a_disabled_rule_is_not_asked(stage, world, told):
    monitor = stage.monitor(world.show_app, enabled=False)
    stage.play(world.show_app, stalled=0.5)
    assert stage.tick(3) == 0
    assert (status(monitor), told) == ("new", [])


def test_switching_off_closes_the_alert(stage, world, told):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    edited(monitor, stage, enabled=False)
    alert = alerts(monitor)[0]
    assert (alert.close_reason, status(monitor), type(told[-1])) == ("disabled", "new", AlertClosed)
    assert stage.tick(3) == 0


def test_a_higher_threshold_lets_the_open_alert_decide(stage, world):
    monitor = stage.monitor(world.show_app, resolve_after=2)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    edited(monitor, stage, threshold=60.0)
    assert (status(monitor), len(alerts(monitor))) == ("firing", 1)
    stage.tick(2)
    assert (status(monitor), alerts(monitor)[0].close_reason) == ("ok", "recovered")


def test_another_question_starts_anew(stage, world, told):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    edited(monitor, stage, filters={"carrier": "CTCC"})
    alert = alerts(monitor)[0]
    assert (alert.close_reason, alert.filters, status(monitor)) == ("edited", {}, "new")
    stage.tick(2)
    assert len(told) == 2


def test_deleting_closes_the_alert_and_keeps_it(stage, world, told):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    delete_monitor(monitor=monitor, actor=None, now=stage.now)
    assert alerts(monitor)[0].close_reason == "deleted"
    assert stage.tick(3) == 0
    assert len(told) == 2


def test_an_edit_during_the_evaluation_wins(stage, world, monkeypatch):
    monitor = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    from aftercare.watch.engine import evaluator

    def edit_then_ask(*asked):
        edited(monitor, stage, threshold=60.0)
        return ask(*asked)

    ask = evaluator.ask_all
    monkeypatch.setattr(evaluator, "ask_all", edit_then_ask)
    assert stage.tick() == 0
    monkeypatch.undo()
    stage.tick()
    assert (alerts(monitor), status(monitor)) == ([], "ok")


def test_the_red_line_is_told_first(stage, world, told):
    warning = stage.monitor(world.show_app, threshold=2, severity=Severity.WARNING)
    red = stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    stage.tick()
    assert [event.alert_id for event in told] == [alerts(red)[0].pk, alerts(warning)[0].pk]


def test_the_worst_value_is_kept(stage, world):
    monitor = stage.monitor(world.show_app, window_s=10)
    for stalled in (0.2, 0.8, 0.4):
        stage.play_on(world.show_app, stalled=stalled, times=1)
        stage.now += timedelta(seconds=20)
    assert (alerts(monitor)[0].first_value, alerts(monitor)[0].worst_value) == (20.0, 80.0)


def test_a_failing_telemetry_is_not_no_data(stage, world, monkeypatch):
    monitor = stage.monitor(world.show_app, no_data="fire")
    stage.play_on(world.show_app, stalled=0.0, times=14)
    from aftercare.watch.engine import evaluator

    def fail(*_):
        raise OSError("the engine is gone")

    monkeypatch.setattr(evaluator, "ask_all", fail)
    stage.tick(30)
    assert (alerts(monitor), status(monitor)) == ([], "ok")


def test_one_customers_trouble_with_an_alert_holds_up_nobody(stage, world, monkeypatch):
    from aftercare.kernel import events

    bad, good = stage.monitor(world.show_app), stage.monitor(world.social_app)

    def refuse(event):
        if Alert.objects.get(pk=event.alert_id).customer_id == world.show.pk:
            raise ValueError("a handler that fails")

    monkeypatch.setitem(events._handlers, AlertOpened, [refuse])
    for app in (world.show_app, world.social_app):
        stage.play(app, stalled=0.5)
    stage.tick()
    assert (alerts(bad), status(bad), status(good)) == ([], "new", "firing")
    assert not MonitorChange.objects.filter(monitor=bad).exists()
    monkeypatch.setitem(events._handlers, AlertOpened, [])
    stage.tick()
    assert status(bad) == "firing"


def test_much_to_see_in_the_newest_end_of_the_window_speaks_at_once(stage, world):
    """A fault that takes 15% of the time of many viewers: the whole minute would be over the line only after 20 s."""
    monitor = stage.monitor(world.show_app)
    for _ in range(12):
        stage.play(world.show_app, stalled=0.0, sessions=120, interval_ms=5000, play_ms=5000)
        stage.tick()
    assert status(monitor) == "ok"
    bad = {"interval_ms": 5000, "play_ms": 4250, "stall_ms": 750}
    for _ in range(2):
        stage.play(world.show_app, stalled=0.0, sessions=1200, **bad)
        stage.tick()
    [alert] = alerts(monitor)
    assert alert.window_s == 10
    assert 5 < alert.first_value <= 15


def test_few_in_the_newest_end_wait_for_the_whole_window(stage, world):
    monitor = stage.monitor(world.show_app)
    few = {"sessions": 20, "interval_ms": 5000}
    for _ in range(12):
        stage.play(world.show_app, stalled=0.0, play_ms=5000, **few)
        stage.tick()
    for _ in range(2):
        stage.play(world.show_app, stalled=0.0, play_ms=4250, stall_ms=750, **few)
        stage.tick()
    assert alerts(monitor) == []
