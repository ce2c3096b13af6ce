"""Times in words: relative and exact together, in the reader's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from aftercare.web.render import clocks, times

NOW = datetime(2026, 3, 9, 13, 3, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (-4, "just now"),
        (3, "in a moment"),
        (-48, "48 s ago"),
        (-260, "4 min ago"),
        (-9200, "2 h ago"),
        (-100_000, "27 h ago"),
        (-200_000, "2 d ago"),
        (150, "in 2 min"),
        (7300, "in 2 h"),
    ],
)
def test_relative(seconds, text):
    assert times.relative(NOW + timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOW, "21:03:12 UTC+8"),
        (NOW - timedelta(days=1), "8 Mar 21:03:12 UTC+8"),
        (NOW - timedelta(days=365), "9 Mar 2025 21:03:12 UTC+8"),
    ],
)
def test_exact_in_the_readers_zone(at, text):
    with timezone.override(SHANGHAI):
        assert times.exact(at, NOW) == text


def test_exact_in_chinese():
    with timezone.override(SHANGHAI), translation.override("zh-hans"):
        assert times.exact(NOW - timedelta(days=1), NOW) == "3月8日 21:03:12 UTC+8"


@pytest.mark.parametrize(
    ("zone", "label"),
    [("UTC", "UTC"), ("Asia/Shanghai", "UTC+8"), ("Asia/Kolkata", "UTC+5:30"), ("America/Sao_Paulo", "UTC−3")],
)
def test_zone_labels(zone, label):
    assert times.zone_label(NOW.astimezone(ZoneInfo(zone))) == label


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 s"),
        (0.84, "840 ms"),
        (7.25, "7.2 s"),
        (59.6, "1 min"),
        (192, "3 min 12 s"),
        (3840, "1 h 04 min"),
        (3600, "1 h"),
        (183_600, "2 d 3 h"),
        (-75, "−1 min 15 s"),
    ],
)
def test_durations(seconds, text):
    assert times.duration(seconds) == text


@pytest.mark.parametrize(("left", "step"), [(3000, "calm"), (1800, "near"), (600, "last"), (0, "over"), (-9, "over")])
def test_clocks_become_louder_in_three_steps(left, step):
    due = NOW + timedelta(seconds=left)
    started = due - timedelta(hours=2)
    assert clocks.loudness(left, *clocks.steps_of(due, started)) == step
    assert f"clock-{step}" in clocks.countdown(due, NOW, started)


def test_a_clock_says_what_is_left_or_overdue():
    assert ">12 min 00 s left</time>" in clocks.countdown(NOW + timedelta(minutes=12), NOW)
    assert ">3 min 11 s overdue</time>" in clocks.countdown(NOW - timedelta(seconds=191), NOW)
    assert "no data" in clocks.countdown(None, NOW)
    assert ">1 h 05 min</time>" in clocks.stopwatch(NOW - timedelta(minutes=65), NOW)


def render(template: str, **context: object) -> str:
    return Template("{% load web %}" + template).render(Context(context))


def test_when_gives_both_and_a_machine_readable_time():
    html = render("{% when at %}", at=datetime.now(UTC) - timedelta(seconds=250))
    assert "data-relative>4 min ago<" in html
    assert 'datetime="' in html
    assert "UTC</span>" in html


def test_when_writes_the_others_zone_only_where_it_differs():
    with timezone.override(SHANGHAI):
        assert "when-theirs" not in render("{% when at zone='Asia/Singapore' %}", at=NOW)
        assert "when-theirs" in render("{% when at zone='Europe/Paris' %}", at=NOW)


def test_when_handles_no_time():
    assert "no data" in render("{% when at %}", at=None)
    assert "no data" in render("{% when missing %}")
