"""Measures: what the rollups hold. Sums, distinct counts and histograms, so that any span of time adds up.

Every rate of the catalog is one measure divided by another; means of rates appear nowhere.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aftercare.telemetry.schema.columns import GAUGES, LOADS, TOTALS

# A histogram cell covers 5% of its value: a quantile read from it is at most 2.5% off.
CELL = 1.05
# Where each event's cells begin in the one map that holds them: a day's wait has cell 374. Calls are told by callers.
ROOM = 1000
WAITS = {
    "first_frame": 0,
    "call_connected": ROOM,
    "call_rung": 2 * ROOM,
    "call_answered": 3 * ROOM,
    "request": 4 * ROOM,
    "served": 5 * ROOM,
}

# Servers and CDNs stand beside the sessions: an app whose viewers fell silent is silent, though its API answers.
OF_SERVERS = "event IN ('request', 'served')"
OF_SESSIONS = f"NOT {OF_SERVERS} AND load_ms = 0"


@dataclass(frozen=True)
class Measure:
    """One column of a rollup.

    `raw` makes it from rows of `samples`, `merge` puts parts together; `kind` is sum, cells or users.
    """

    name: str
    raw: str
    kind: str = "sum"

    @property
    def column_type(self) -> str:
        """The rollup column's ClickHouse type."""
        return {
            "sum": "SimpleAggregateFunction(sum, Int64)",
            "cells": "SimpleAggregateFunction(sumMap, Map(Int16, Int64))",
            "users": "AggregateFunction(uniqCombined64(14), String)",
        }[self.kind]

    @property
    def merge(self) -> str:
        """The expression that adds up parts of a rollup."""
        return {
            "sum": f"sum({self.name})",
            "cells": f"sumMap({self.name})",
            "users": f"uniqCombined64Merge(14)({self.name})",
        }[self.kind]


def events(*names: str, where: str = "1") -> str:
    """SQL counting events of these names; a row that takes an earlier one back counts minus one."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"sumIf(toInt64(sign), event IN ({listed}) AND {where})"


def timed(*names: str, where: str = "1") -> str:
    """SQL counting events of these names whose wait is known: `elapsed_ms` 0 is what nobody told, not an instant."""
    return events(*names, where=f"elapsed_ms > 0 AND {where}")


def calls(leg: str, *names: str, where: str = "1") -> str:
    """SQL counting what one leg ("caller" or "callee") told of its calls: docs/decisions/0005."""
    return events(*names, where=f"role = '{leg}' AND {where}")


def frozen(column: str, cutoff_ms: int) -> str:
    """SQL summing the raw gaps of at least `cutoff_ms`."""
    return f"toInt64(sum(arraySum(gap -> if(gap >= {cutoff_ms}, gap, 0), {column})))"


def wait_cells() -> str:
    """SQL of the histograms over the known `elapsed_ms` of the events in WAITS, by logarithmic cells, in one map.

    One map for all: a map per event costs each row more than all other measures of events together. A row of `request`
    or `served` stands for as many waits as it has requests.
    """
    cell = f"floor(log(greatest(elapsed_ms, 1)) / {math.log(CELL)})"
    begins = ", ".join(f"event = '{event}', {begin}" for event, begin in WAITS.items())
    of_callers = ", ".join(f"'{event}'" for event in WAITS if event.startswith("call_"))
    counted = f"event IN ('first_frame', 'request', 'served') OR role = 'caller' AND event IN ({of_callers})"
    count = f"if({OF_SERVERS}, toInt64(requests), toInt64(sign))"
    return f"sumMapIf(map(toInt16({cell} + multiIf({begins}, 0)), {count}), elapsed_ms > 0 AND ({counted}))"


def waits_of(held: Mapping[Any, Any], event: str) -> dict[int, int]:
    """One event's histogram out of the map that holds all: cell to count."""
    begin = WAITS[event]
    return {int(key) - begin: int(count) for key, count in held.items() if begin <= int(key) < begin + ROOM}


def weighted(gauge: str) -> tuple[Measure, Measure]:
    """A gauge as two sums: value times interval, and the interval over which it was known. Micro-units keep digits."""
    known = f"NOT isNaN({gauge})"
    held_ms = "load_ms" if gauge in LOADS else "interval_ms"
    return (
        Measure(f"{gauge}_weighted", f"toInt64(sumIf({gauge} * {held_ms}, {known}))"),
        Measure(f"{gauge}_known_ms", f"sumIf(toInt64({held_ms}), {known})"),
    )


# Who leaves within a second was swiping past, not waiting: Mux leaves such exits out. An unknown wait is left out too.
LEFT = events("start_left", where="elapsed_ms >= 1000")

REQUESTS = ("requests", "requests_failed")

MEASURES: tuple[Measure, ...] = (
    Measure("reports", f"sumIf(toInt64(sign), source != 'derived' AND {OF_SESSIONS})"),
    Measure("sessions", "sum(toInt64(opened))"),
    *(Measure(total, f"sum(toInt64({total}))") for total in TOTALS if total not in REQUESTS),
    *(Measure(total, f"sumIf(toInt64({total}), event = 'request')") for total in REQUESTS),
    Measure("served", "sumIf(toInt64(requests), event = 'served')"),
    Measure("served_failed", "sumIf(toInt64(requests_failed), event = 'served')"),
    Measure("watched_ms", "sum(toInt64(play_ms) + stall_ms)"),
    *(measure for gauge in GAUGES for measure in weighted(gauge)),
    Measure("delay_over_400_ms", "sumIf(toInt64(interval_ms), delay_ms > 400)"),
    Measure("video_frozen_200_ms", frozen("video_gaps", 200)),
    Measure("video_frozen_500_ms", frozen("video_gaps", 500)),
    Measure("video_frozen_600_ms", frozen("video_gaps", 600)),
    Measure("audio_frozen_200_ms", frozen("audio_gaps", 200)),
    Measure("joins", events("join_ok", "join_failed")),
    Measure("joins_ok", events("join_ok")),
    Measure("joins_timed", f"{events('join_failed')} + {timed('join_ok')}"),
    Measure("joins_ok_5s", timed("join_ok", where="elapsed_ms <= 5000")),
    Measure("starts", f"{events('first_frame', 'start_failed')} + {LEFT}"),
    Measure("starts_judged", events("first_frame", "start_failed")),
    Measure("starts_ok", events("first_frame")),
    Measure("starts_timed", timed("first_frame")),
    Measure("starts_instant", timed("first_frame", where="elapsed_ms <= 1000")),
    Measure("starts_failed", events("start_failed")),
    Measure("starts_left", LEFT),
    Measure("pushes", events("push_ok", "push_failed")),
    Measure("pushes_ok", events("push_ok")),
    Measure("push_ends", events("push_ended", "push_broken")),
    Measure("push_breaks", events("push_broken")),
    Measure("calls", calls("caller", "call_connected", "call_failed")),
    Measure("calls_connected", calls("caller", "call_connected")),
    Measure("calls_timed", calls("caller", "call_connected", where="elapsed_ms > 0")),
    Measure("calls_under_600", calls("caller", "call_connected", where="elapsed_ms > 0 AND elapsed_ms < 600")),
    Measure("callees", calls("callee", "call_connected", "call_failed")),
    Measure("callees_connected", calls("callee", "call_connected")),
    Measure("errors", events("error")),
    Measure("wait_cells", wait_cells(), "cells"),
    Measure("viewers", "uniqCombined64StateIf(14)(session, event = 'served')", "users"),
    Measure("users", "uniqCombined64StateIf(14)(user, user != '' AND sign > 0)", "users"),
    Measure("users_stalled", "uniqCombined64StateIf(14)(user, user != '' AND stall_ms > 0 AND sign > 0)", "users"),
)

# Distinct counts are kept from one minute up: at 10 s their states would weigh more than all the sums together.
FINE_MEASURES = tuple(measure for measure in MEASURES if measure.kind != "users")


def quantile(histogram: dict[int, int], q: float) -> float | None:
    """The q-quantile (0 to 1) in milliseconds of a histogram of cells, None when it is empty.

    The cell's geometric middle is given, at most 2.5% away from the true value.
    """
    total = sum(count for count in histogram.values() if count > 0)
    if total == 0:
        return None
    wanted, seen = q * total, 0
    for cell in sorted(histogram):
        seen += max(histogram[cell], 0)
        if seen >= wanted:
            return float(CELL ** (cell + 0.5))
    return None


def smallest(histogram: dict[int, int]) -> float | None:
    """The best (smallest) value of a histogram of cells in milliseconds, None when it is empty."""
    filled = [cell for cell, count in histogram.items() if count > 0]
    return float(CELL ** (min(filled) + 0.5)) if filled else None
