"""Two evaluators, and an edit, at the same moment: one alert, and nothing half done."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from aftercare.watch.actions import delete_monitor
from aftercare.watch.models import Alert, MonitorChange
from aftercare.watch.tests.watching import Stage, alerts, status
from tests.world import make_world


def at_once(*works):
    """Run these in threads with a database connection each, started together; raises what one of them raised."""
    gate, wrong = threading.Barrier(len(works)), []

    def run(work):
        try:
            gate.wait(10)
            work()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if wrong:
        raise wrong[0]


@pytest.fixture
def scene(telemetry, transactional_db, told):
    world = make_world()
    stage = Stage(telemetry, world.now)
    monitors = [stage.monitor(app) for app in (world.show_app, world.social_app) for _ in range(5)]
    for app in (world.show_app, world.social_app):
        stage.play(app, stalled=0.5)
    stage.now += timedelta(seconds=5)
    return stage, monitors


def test_evaluators_open_one_alert_each(scene, told):
    stage, monitors = scene
    evaluators = [stage.another_evaluator() for _ in range(4)]
    at_once(*(lambda e=evaluator: e.process_due(stage.now) for evaluator in evaluators))
    assert [len(alerts(monitor)) for monitor in monitors] == [1] * 10
    assert MonitorChange.objects.count() == 10
    assert len({event.alert_id for event in told}) == len(told) == 10


def test_a_deletion_meanwhile_leaves_no_open_alert(scene, told):
    stage, monitors = scene
    deletions = [
        lambda m=monitor: delete_monitor(monitor=m, actor=None, now=stage.now) for monitor in (monitors[0], monitors[5])
    ]
    at_once(lambda: stage.evaluator.process_due(stage.now), *deletions)
    assert not Alert.objects.filter(closed_at=None, monitor__deleted_at__isnull=False).exists()
    assert [status(monitor) for monitor in (monitors[0], monitors[5])] == ["new", "new"]
    stage.tick()
    assert [len(alerts(m)) for m in monitors if m not in (monitors[0], monitors[5])] == [1] * 8


def test_a_second_call_while_one_is_running_does_nothing(scene, told, monkeypatch):
    stage, _monitors = scene
    from aftercare.watch.engine import evaluator

    seen = []

    def ask_and_be_asked(*asked):
        seen.append(stage.evaluator.process_due(stage.now + timedelta(seconds=5)))
        return ask(*asked)

    ask = evaluator.ask_all
    monkeypatch.setattr(evaluator, "ask_all", ask_and_be_asked)
    assert stage.evaluator.process_due(stage.now) == 10
    assert seen == [0]
