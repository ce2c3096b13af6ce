"""A job that does not report wakes somebody once its grace is over, not before; its report ends it."""

from typing import Any

import pytest

from aftercare.oncall.models import Page
from aftercare.watch.tests.beating import Beats
from tests.paging.night import Night


@pytest.fixture
def beats(night: Night) -> Any:
    """Heartbeats at the night's time: each five minutes, with a minute's grace."""
    made = Beats(night.world)
    made.now = night.now
    return made


def at(beats: Any, night: Night, seconds: float) -> None:
    """Time passes for both."""
    beats.wait(seconds=seconds)
    night.now = beats.now
    night.work()


def test_late_wakes_and_its_report_ends_it(night: Night, beats: Any) -> None:
    job = beats.make()
    beats.ping(job)
    at(beats, night, 359)
    assert night.heard() == []
    at(beats, night, 2)
    assert night.heard() == ["Lin text"]
    beats.ping(job)
    assert Page.objects.get().state == "closed"
    at(beats, night, 60)
    assert night.heard() == []


def test_early_and_often_wakes_nobody(night: Night, beats: Any) -> None:
    job = beats.make()
    for _again in range(20):
        beats.ping(job)
        at(beats, night, 30)
    assert night.heard() == [] and not Page.objects.exists()


def test_a_failure_wakes_at_once(night: Night, beats: Any) -> None:
    beats.ping(beats.make(), "fail")
    night.work()
    assert night.heard() == ["Lin text"]
