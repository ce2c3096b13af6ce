"""The small chart on the page behind a message."""

import re
from datetime import timedelta
from typing import Any

import pytest

from aftercare.oncall import actions
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.thumbnail import MOST_POINTS, thinned, thumbnail_of
from aftercare.oncall.tokens import link_path

LIMIT_KB = 30


def illustrate(duty: Duty, points: list[Any], **more: Any) -> None:
    """Values a minute apart that end now."""
    start = duty.now.timestamp() - 60 * (len(points) - 1)
    placed = [(start + 60 * n, value) for n, value in enumerate(points)]
    facts = {"limit": 5.0, "is_above": True, "unit": "%", "opened_at": duty.now - timedelta(minutes=2), **more}
    actions.illustrate_page(subject_ref="inc-1", points=placed, **facts)


@pytest.fixture
def page(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr("aftercare.oncall.views.phone.utc_now", lambda: duty.now + timedelta(minutes=1))
    return duty.page()


def shown(duty: Duty, page: Page) -> str:
    return duty.world.client().get(link_path(page, duty.world.eng)).content.decode()


def test_it_works(duty: Duty, page: Page) -> None:
    illustrate(duty, [1.0, 1.2, None, 1.1, 6.2, 7.9])
    said = shown(duty, page)
    assert said.count("<polyline") == 2, "a hole in the data is a hole in the line"
    assert 'aria-label="Measured values: at worst 7.9%, limit 5%"' in said
    assert "<span>11:55</span><span>12:00</span>" in said, "the reader's own clock"
    assert "<script" not in said


def test_it_stays_small(duty: Duty, page: Page) -> None:
    illustrate(duty, [n % 100 / 10 for n in range(5000)])
    style = duty.world.client().get("/static/oncall/small_page.css")
    css = b"".join(style) if style.status_code == 200 else b" " * 5000
    assert len(shown(duty, page).encode()) + len(css) < LIMIT_KB * 1024 / 2
    assert len(Page.objects.get().chart["points"]) <= MOST_POINTS


def test_in_the_readers_language(duty: Duty, page: Page) -> None:
    duty.world.eng.language = "zh-hans"
    duty.world.eng.save()
    illustrate(duty, [99.0, 91.0], limit=95.0, is_above=False)
    assert "最差 91%" in re.sub(r"\s+", " ", shown(duty, page))


def test_nothing_measured_draws_nothing(duty: Duty, page: Page) -> None:
    assert "<svg" not in shown(duty, page)
    illustrate(duty, [None, None])
    assert "<svg" not in shown(duty, page)
    illustrate(duty, [])
    assert "<svg" not in shown(duty, page)


@pytest.mark.parametrize("values", [[0.0], [5.0], [5.0, 5.0], [None, 3.0, None], [1e9, -4.0]])
def test_odd_values_draw_within_the_frame(values: list[float | None]) -> None:
    points = [[60 * n, value] for n, value in enumerate(values)]
    for is_above in (True, False):
        drawn = thumbnail_of({"points": points, "limit": 5.0, "is_above": is_above, "unit": "", "opened_at": 1e12})
        assert drawn is not None
        places = [pair.split(",") for line in drawn.lines for pair in line.split()] + [list(dot) for dot in drawn.dots]
        assert all(0 <= float(x) <= 320 and 0 <= float(y) <= 96 for x, y in places)
        assert 0 <= float(drawn.limit_y) <= 96 and 0 <= float(drawn.opened_x) <= 320


def test_the_worst_survives_thinning() -> None:
    points = [(float(n), 1.0) for n in range(1000)]
    points[501] = (501.0, 40.0)
    assert max(value for _at, value in thinned(points, True) if value is not None) == 40.0
