"""A call as its server saw it: readings and events beside the client's own, and what they come to in all."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aftercare.telemetry.queries.session_rows import Event, Row, standing_events

# A server tells audio and video of one moment as two events a few milliseconds apart: one point on the lane.
MOMENT_MS = 250
READINGS = ("rtt_ms", "jitter_ms", "loss_down", "loss_up")
WAYS = ("down", "up")


@dataclass(frozen=True)
class ServerView:
    """Readings over time (loss in percent), events, and packets and lost ones by way: `down` is towards the client.

    `unheard` are the media sent to it of which the client never told the server anything: their loss is not known, and
    their packets are not counted.
    """

    readings: dict[str, list[tuple[int, float]]]
    events: list[Event]
    packets: dict[str, int]
    lost: dict[str, int]
    unheard: frozenset[str] = frozenset()


@dataclass
class _Moment:
    at: int
    gauges: dict[str, list[float]] = field(default_factory=dict)
    packets: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    lost: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))


def server_view_of(rows: Sequence[Row]) -> ServerView | None:
    """The server's rows of one session in time's order; None where no server told of it."""
    if not rows:
        return None
    readings: dict[str, list[tuple[int, float]]] = {name: [] for name in READINGS}
    packets, lost = dict.fromkeys(WAYS, 0), dict.fromkeys(WAYS, 0)
    for moment in moments(row for row in rows if not row.event):
        for name, values in moment.gauges.items():
            readings[name].append((moment.at, max(values)))
        for way in WAYS:
            packets[way] += moment.packets[way]
            lost[way] += moment.lost[way]
            if moment.packets[way]:
                share = min(moment.lost[way] / moment.packets[way], 1)
                readings[f"loss_{way}"].append((moment.at, 100 * share))
    return ServerView(readings, standing_events(rows), packets, lost, unheard_in(rows))


def moments(rows: Iterator[Row]) -> Iterator[_Moment]:
    """The rows by moments: the highest of each gauge, and how much the streams' counts grew since they last told.

    A count that is smaller than before belongs to a new stream and counts from zero.
    """
    before: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    moment: _Moment | None = None
    for row in rows:
        if moment is not None and row.at - moment.at > MOMENT_MS:
            yield moment
            moment = None
        moment = moment or _Moment(row.at)
        add_row(moment, row, before)
    if moment is not None:
        yield moment


def add_row(moment: _Moment, row: Row, before: dict[tuple[Any, ...], Mapping[str, Any]]) -> None:
    """Add one stream's figures to their moment."""
    for name in ("rtt_ms", "jitter_ms"):
        value = row.gauges[name]
        if value == value:  # NaN is unknown
            moment.gauges.setdefault(name, []).append(value)
    told = figures(row)
    stream = tuple(told.get(name) for name in ("handle", "mid", "media"))
    last = before.get(stream, {})
    before[stream] = {**last, **told}
    for way in WAYS:
        if f"lost_{way}" not in told:
            continue
        came, missing = (grown(told, last, f"{what}_{way}") for what in ("packets", "lost"))
        moment.packets[way] += came + (missing if way == "up" else 0)  # of what it received, the expected ones
        moment.lost[way] += missing


def figures(row: Row) -> dict[str, Any]:
    """One stream's figures as the server told them."""
    told: dict[str, Any] = json.loads(row.server_detail or "{}")
    return told


def unheard_in(rows: Sequence[Row]) -> frozenset[str]:
    """The media of streams that were sent and of whose loss nothing was ever told."""
    told = [figures(row) for row in rows]
    sent = {str(stream.get("media")) for stream in told if stream.get("packets_down")}
    return frozenset(sent - {str(stream.get("media")) for stream in told if "lost_down" in stream})


def grown(told: Mapping[str, Any], last: Mapping[str, Any], name: str) -> int:
    """How much a count grew."""
    now, was = told.get(name), last.get(name, 0)
    if now is None:
        return 0
    return int(now - was if now >= was else now)
