"""How long the history of statuses is kept."""

from datetime import timedelta

from aftercare.watch.engine import history, process_due
from aftercare.watch.models import MonitorChange


def test_old_changes_go_once_an_hour(stage, world, monkeypatch):
    monkeypatch.setattr(history, "_last", [])
    monitor = stage.monitor(world.show_app)

    def add(days):
        at = stage.now - timedelta(days=days)
        MonitorChange.objects.create(monitor=monitor, at=at, from_status="ok", to_status="no_data")

    add(days=91)
    add(days=89)
    assert history.forget_old_changes(stage.now) == 1
    add(days=91)
    assert history.forget_old_changes(stage.now + timedelta(minutes=59)) == 0
    assert history.forget_old_changes(stage.now + timedelta(minutes=60)) == 1
    assert MonitorChange.objects.count() == 1


def test_the_engine_evaluates(stage, world):
    """The one call that a process makes, on the engine that the process opened."""
    stage.monitor(world.show_app)
    stage.play(world.show_app, stalled=0.5)
    assert process_due(stage.now) == 1
