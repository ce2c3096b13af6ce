"""What a scrape target answers: Prometheus' text format 0.0.4 and OpenMetrics 1.0, line by line.

Sources: https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/specs/om/open_metrics_spec/.

prometheus-client's parser is what the tests hold this against, not what reads: it gives the counters of 0.0.4 other
names (`x` becomes `x_total`), gives a whole body up at its first bad line, and takes 26 µs a line, where most of a body
is series known from the scrape before. Here such a line costs its number alone: reading gives the bytes by which a
series is told, and only those that are new are taken apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from aftercare.ingest.points.labels import kind_by_name, sorted_labels
from aftercare.ingest.points.series import Labels
from aftercare.ingest.reading import Refusal
from aftercare.kernel.errors import Refused

OPENMETRICS = "application/openmetrics-text"
LONGEST_LINE = 64 * 1024
# Comments and blank lines beside the samples are bounded too, and so is what is noted of lines that cannot be read.
LINES_PER_SAMPLE = 4
MOST_UNREADABLE = 1_000
UNREADABLE = "this is no line of Prometheus' text format or OpenMetrics"
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*+"
QUOTED = r'"((?:[^"\\]|\\.)*+)"'
LINE = re.compile(rb'((?:[^{"#\s]++)?\s*+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*+")*+\})?+)\s*+([^{}"]++)')
BARE_NAME = re.compile(NAME)
PAIR = re.compile(rf"\s*+(?:({NAME})|{QUOTED})\s*+(?:=\s*+{QUOTED}\s*+)?+(?:,|$)")
TYPE = re.compile(rf"#[ \t]+TYPE[ \t]+(?:({NAME})|{QUOTED})[ \t]+(\w+)")
ESCAPED = re.compile(r"\\(.)")
# What a family's samples are called beyond its own name, and whether such a one only grows, by the family's type.
GROWS = {
    "counter": {"_total": True, "_created": False},
    "histogram": {"_bucket": True, "_count": True, "_sum": True, "_created": False},
    "summary": {"_count": True, "_sum": True, "_created": False},
    "gaugehistogram": {"_bucket": False, "_gcount": False, "_gsum": False},
    "info": {"_info": False},
}


class Line(NamedTuple):
    """One sample: its series as it stands in the body, its number, its time in ms where it tells one, else 0."""

    series: bytes
    value: float
    at_ms: int
    number: int


@dataclass
class Exposition:
    """What a body held."""

    lines: list[Line] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


def read_exposition(body: bytes, content_type: str, *, most: int) -> Exposition:
    """The samples of a body. Raises Refused where it is of another type or has more than `most` lines with samples."""
    is_openmetrics = format_of(content_type) == OPENMETRICS
    if body.count(b"\n") > most * LINES_PER_SAMPLE:
        raise Refused(f"more than {most * LINES_PER_SAMPLE:,} lines: nothing of it is taken; expose fewer")
    found = Exposition()
    for number, line in enumerate(body.split(b"\n"), 1):
        line = line.strip()
        if not line:
            continue
        if line[:1] == b"#":
            if line == b"# EOF" and is_openmetrics:
                return found
            note_type(line, found.types)
            continue
        if len(found.lines) >= most:
            raise Refused(f"more than {most:,} samples: nothing of it is taken; have the target expose fewer")
        try:
            found.lines.append(read_line(line, number, is_openmetrics))
        except (ValueError, OverflowError):
            found.refusals.append(Refusal(number, UNREADABLE, name_in(line)))
            if len(found.refusals) > MOST_UNREADABLE:
                raise Refused(f"more than {MOST_UNREADABLE:,} lines cannot be read: is this an exporter?") from None
    if is_openmetrics:
        raise Refused("the answer ends before its end: OpenMetrics' last line is “# EOF”")
    return found


def format_of(content_type: str) -> str:
    """Which of the two formats a content type names. Raises Refused for another one."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == OPENMETRICS:
        return kind
    if kind not in ("", "text/plain"):
        raise Refused("the answer is neither Prometheus' text format nor OpenMetrics by its Content-Type")
    return "text/plain"


def read_line(line: bytes, number: int, is_openmetrics: bool) -> Line:
    """One sample's line. Raises ValueError, OverflowError."""
    found = LINE.match(line) if len(line) <= LONGEST_LINE else None
    if found is None:
        raise ValueError
    told = found[2].partition(b"#")[0].split()  # an exemplar follows its hash sign
    if not 1 <= len(told) <= 2 or b"_" in told[0] or (found.end() < len(line) and b"#" not in found[2]):
        raise ValueError
    at_ms = 0
    if len(told) == 2:
        at_ms = round(float(told[1]) * 1000) if is_openmetrics else int(told[1])
    return Line(found[1].strip(), float(told[0]), at_ms, number)


def note_type(line: bytes, types: dict[str, str]) -> None:
    """What a comment says about the type of a family, where it says so."""
    found = TYPE.match(line[:LONGEST_LINE].decode("utf-8", "replace"))
    if found:
        types[found[1] or unescaped(found[2])] = found[3].lower()


def series_of(told: bytes, types: Mapping[str, str]) -> tuple[str, dict[str, str], str]:
    """Name, labels and kind of a series as it stands in a body. Raises Refused."""
    try:
        text = told.decode()
    except UnicodeDecodeError:
        raise Refused("the line is not UTF-8 text") from None
    name, brace, inside = text.partition("{")
    name, labels, place = name.strip(), dict[str, str](), 0
    inside = inside[:-1].strip()
    while brace and place < len(inside):
        pair = PAIR.match(inside, place)
        if pair is None:
            raise Refused("the labels are not written as the format says")
        label = pair[1] or unescaped(pair[2])
        if pair[3] is None:
            if name or pair[1]:
                raise Refused("the labels are not written as the format says")
            name = label
        elif label in labels:
            raise Refused(f"the label {label[:60]} stands twice in one series")
        else:
            labels[label] = unescaped(pair[3])
        place = pair.end()
    if not name or (text[:1] not in "{" and not BARE_NAME.fullmatch(name)):
        raise Refused(UNREADABLE)
    return name, labels, kind_of(name, types)


def kind_of(name: str, types: Mapping[str, str]) -> str:
    """Whether the samples of this name only grow: by the family's type, else by the name."""
    told = types.get(name)
    if told in ("counter", "gauge", "summary", "stateset"):
        return "counter" if told == "counter" else "gauge"
    for end in ("_total", "_created", "_bucket", "_count", "_sum", "_gcount", "_gsum", "_info"):
        grows = GROWS.get(types.get(name.removesuffix(end), ""), {}).get(end) if name.endswith(end) else None
        if grows is not None:
            return "counter" if grows else "gauge"
    return kind_by_name(name)


def labelled(labels: Mapping[str, str], of_target: Mapping[str, str]) -> Labels:
    """A series' labels with its target's, which win: what they hide is kept as `exported_…`, as Prometheus does."""
    kept = {f"exported_{name}" if name in of_target else name: value for name, value in labels.items()}
    return sorted_labels((kept | dict(of_target)).items())


def unescaped(text: str) -> str:
    """A quoted text without its backslashes."""
    return ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text) if "\\" in text else text


def name_in(line: bytes) -> str:
    """The name that a line begins with, and nothing else of it: an answer is never shown as it came."""
    found = BARE_NAME.match(line[:200].decode("utf-8", "replace"))
    return found[0] if found and line[found.end() : found.end() + 1] in (b"{", b" ", b"\t") else ""
