"""Reading text exposition: what prometheus-client writes and reads is what is read here, and bad lines cost nothing."""

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from aftercare.ingest.points.exposition import Exposition, labelled, read_exposition, series_of
from aftercare.kernel.errors import Refused
from tests.exporters import OPENMETRICS, TEXT

Read = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(body: bytes, kind: str = TEXT, most: int = 1000) -> Exposition:
    return read_exposition(body, kind, most=most)


def series(found: Exposition) -> Read:
    told = [(series_of(line.series, found.types), line.value) for line in found.lines]
    return {(name, tuple(sorted(labels.items()))): value for (name, labels, _), value in told}


def kinds(found: Exposition) -> dict[str, str]:
    told = [series_of(line.series, found.types) for line in found.lines]
    return {name: kind for name, _, kind in told}


def made(value: float, text: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("requests", "Help with \\ and\nlines", ["path"], registry=registry).labels(text).inc(abs(value))
    Gauge("depth", "", ["q"], registry=registry).labels(text).set(value)
    Histogram("took_seconds", "", buckets=[0.1, 1], registry=registry).observe(abs(value))
    Summary("size", "", registry=registry).observe(abs(value))
    Info("build", "", registry=registry).info({"version": text})
    return registry


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(codec="utf-8"), max_size=20))
def test_reads_what_the_reference_reads(value: float, text: str) -> None:
    for write, parse, kind in (
        (generate_latest, parse_text, TEXT),
        (openmetrics.generate_latest, parse_openmetrics, OPENMETRICS),
    ):
        body = write(made(value, text))
        found = read(body, kind)
        assert found.refusals == []
        theirs = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in parse(body.decode())
            for sample in family.samples
        }
        assert series(found) == theirs


def test_counters_are_told_by_their_type() -> None:
    body = b"""# TYPE plain counter
plain 1
# TYPE g_total gauge
g_total 2
# TYPE h histogram
h_bucket{le="+Inf"} 3
h_sum 4
h_count 3
# TYPE s summary
s{quantile="0.5"} 1
s_sum 2
s_count 2
unknown_total 5
unknown 6
"""
    assert kinds(read(body)) == {
        **{"plain": "counter", "g_total": "gauge", "h_bucket": "counter", "h_sum": "counter", "h_count": "counter"},
        **{"s": "gauge", "s_sum": "counter", "s_count": "counter", "unknown_total": "counter", "unknown": "gauge"},
    }
    om = b'# TYPE a counter\na_total 1 # {trace_id="x"} 0.5 1.7\na_created 5\n# EOF\n'
    assert kinds(read(om, OPENMETRICS)) == {"a_total": "counter", "a_created": "gauge"}


def test_times_are_milliseconds_in_one_format_and_seconds_in_the_other() -> None:
    assert read(b"a 1 1700000000123\n").lines[0].at_ms == 1_700_000_000_123
    assert read(b"a 1 1700000000.123\n# EOF\n", OPENMETRICS).lines[0].at_ms == 1_700_000_000_123


def test_keeps_the_good_lines_beside_bad_ones() -> None:
    bad = [
        b'a{b="c} 1',
        b"a",
        b"a one",
        b"a 1_0",
        b"a 1 2 3",
        b"9a 1x",
        b'a{x="1"} 3 {y="2"}',
        b"\xff\xfe 1 2 3",
        b"a inf 1e999",
    ]
    body = b"".join(b"good_%d 1\n%s\n" % (n, line) for n, line in enumerate(bad))
    found = read(body)
    assert [line.series for line in found.lines if line.series.startswith(b"good")] == [
        b"good_%d" % n for n in range(len(bad))
    ]
    assert {refusal.line for refusal in found.refusals} == {2 * n + 2 for n in range(len(bad))}
    assert all(refusal.excerpt in ("", "a") for refusal in found.refusals), "an answer is never shown as it came"


def test_labels() -> None:
    told = [
        (b'a{b="x}y\\"\\\\\\nz",}', ("a", {"b": 'x}y"\\\nz'})),
        (b'{"http.req",c="d"}', ("http.req", {"c": "d"})),
        (b'a{"l.x"="1"}', ("a", {"l.x": "1"})),
        (b"a{}", ("a", {})),
    ]
    for text, expected in told:
        assert series_of(text, {})[:2] == expected
    for text in (b"a{b=c}", b'a{b="1",b="2"}', b'a{b="1"c="2"}', b"<html>", b'{b="1"}', b"a{,}", b"a{b}"):
        with pytest.raises(Refused):
            series_of(text, {})


def test_a_targets_labels_win() -> None:
    assert labelled({"job": "theirs", "x": "1"}, {"job": "ours", "instance": "h:1"}) == (
        *(("exported_job", "theirs"), ("instance", "h:1"), ("job", "ours"), ("x", "1")),
    )


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        (b"<html>", "text/html; charset=utf-8", "neither"),
        (b"{}", "application/json", "neither"),
        (b"a 1\n", OPENMETRICS, "ends before its end"),
        (b"a 1\n" * 1001, TEXT, "more than 1,000 samples"),
        (b"#\n" * 4001, TEXT, "more than 4,000 lines"),
        (b"x\n" * 1500, TEXT, "more than 1,000 lines cannot be read"),
    ],
)
def test_refuses(body: bytes, kind: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read(body, kind)


def test_no_line_takes_long() -> None:
    evil = [
        b"x{" + b'"a' * 30_000,
        b"x{" + b',a="b"' * 10_000,
        b'x{a="' + b'\\"' * 30_000,
        b"x" + b" " * 60_000 + b"{",
        b"# TYPE " + b" " * 60_000,
    ]
    begun = time.monotonic()
    read(b"\n".join(evil * 4))
    assert time.monotonic() - begun < 2


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from((TEXT, OPENMETRICS)))
def test_anything_at_all_is_read_or_refused(body: bytes, kind: str) -> None:
    try:
        found = read(body, kind)
    except Refused:
        return
    for line in found.lines:
        assert (isinstance(line.value, float) and isinstance(line.at_ms, int)) or math.isnan(line.value)
        try:
            series_of(line.series, found.types)
        except Refused:
            continue
