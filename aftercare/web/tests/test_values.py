"""Numbers, rates, states and sparklines; unknown is never 0."""

import math
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from aftercare.web.render import numbers, spark, states


def render(template: str, **context: object) -> str:
    return Template("{% load web boxes %}" + template).render(Context(context))


@pytest.mark.parametrize("value", [None, math.nan, math.inf, ""])
def test_unknown_is_never_zero(value):
    html = render("{% amount value 'ms' %}", value=value)
    assert "no data" in html
    assert "0" not in html


def test_zero_is_a_value():
    assert ">0\xa0<span" in render("{% amount value 'ms' %}", value=0)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12480, None, "12,480"),
        (98.423, None, "98.42"),
        (98.0, 1, "98.0"),
        (Decimal("1234.5"), 2, "1,234.50"),
        (-3, None, "-3"),
    ],
)
def test_numbers(value, digits, text):
    assert numbers.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (940, "940", "940"),
        (12_480, "12.5k", "1.25 万"),
        (999_960, "1.00M", "100 万"),
        (3_210_000, "3.21M", "321 万"),
        (3.2e8, "320M", "3.20 亿"),
    ],
)
def test_short_numbers(value, english, chinese):
    assert numbers.compact(value) == english
    with translation.override("zh-hans"):
        assert numbers.compact(value) == chinese


@pytest.mark.parametrize(
    ("unit", "text"), [("%", "98%"), ("ms", "98\u00a0ms"), ("次进房", "98\u00a0次进房"), ("", "98")]
)
def test_units(unit, text):
    assert numbers.with_unit("98", unit) == text


def test_chinese_words_stand_together():
    assert numbers.with_unit("4.82 万", "次进房") == "4.82 万次进房"


def test_a_rate_carries_its_volume():
    html = render("{% rate 91.42 48210 noun='joins' digits=2 %}")
    assert "91.42" in html
    assert "48.2k\u00a0joins" in html


def test_a_rate_below_its_floor_has_no_verdict():
    assert "too few for a verdict" in render("{% rate 83.3 6 noun='joins' floor=100 %}")


@pytest.mark.parametrize(("value", "volume"), [(None, 10), (50, 0), (50, None)])
def test_a_rate_without_volume_is_unknown(value, volume):
    html = render("{% rate value volume %}", value=value, volume=volume)
    assert "no data" in html
    assert "50" not in html


@pytest.mark.parametrize("name", ["healthy", "warning", "breached", "unknown", "maintenance", "resolved"])
def test_a_state_has_shape_word_and_colour(name):
    html = states.state(name)
    assert "<svg" in html
    assert f"state-{name}" in html
    assert str(states.WORDS[name]) in html


def test_states_differ_in_shape():
    shapes = {states.shape(name) for name in states.WORDS}
    assert len(shapes) == len(states.WORDS)


def test_a_state_nobody_has_drawn_is_unknown():
    assert "state-unknown" in states.state("splendid")
    assert "state-unknown" in states.severity("P9")


def test_labels_are_escaped():
    assert "<b>" not in render("{% state 'warning' label %}", label="<b>")
    assert "<b>" not in render("{% card title=label %}x{% endcard %}", label="<b>")


def test_sparkline_leaves_gaps_and_tells_its_numbers():
    html = spark.sparkline([98.0, 97.0, None, 91.4], unit="%")
    line = html.split('spark-line" d="')[1].split('"')[0]
    assert line.count("M") == 2
    assert "98.0% → 91.4% (91.4%–98.0%)" in html
    assert "style=" not in html


def test_sparkline_of_nothing_is_unknown():
    assert "no data" in spark.sparkline([None, math.nan])
    assert "no data" in spark.sparkline([])


def test_sparkline_of_one_value_and_of_a_flat_line():
    assert "spark-dot" in spark.sparkline([5])
    assert "spark-dot" in spark.sparkline([5, 5, 5], threshold=5)


def test_boxes():
    assert "empty-title" in render("{% empty title='None' url='/x' action='Add' %}why{% endempty %}")
    assert 'role="alert"' in render("{% trouble title='Failed' %}what{% endtrouble %}")
    assert "card-flush" in render("{% card kind='flush' %}x{% endcard %}")
    assert "notice-breached" in render("{% notice tone='breached' %}x{% endnotice %}")
