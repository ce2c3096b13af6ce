"""Reading a series' past from the rollups: the last four weeks in slots of ten minutes, many series in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.cuts import JOINT
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.answers import BY_NAME, REPORTS, at
from aftercare.watch.engine.questions import RAW, Question, key_of, question_about
from aftercare.watch.engine.rules import Rule
from aftercare.watch.usual.curve import DAYS, SLOT_S, SLOTS_A_DAY, Past
from aftercare.watch.usual.scales import Floats, scale_of

# Minutes are kept for 34 days, longer than the past that is looked at.
TABLE = "r1m"
LIMITS = {"max_execution_time": 60}
SLOTS = (DAYS + 1) * SLOTS_A_DAY


@dataclass(frozen=True, slots=True)
class Series:
    """What has a past of its own: one metric of one app (0: all of the customer's) under these filters."""

    customer_id: int
    app_id: int
    metric: str
    filters: tuple[tuple[str, str], ...]


def series_of(rule: Rule) -> Series:
    """The series that a rule is about."""
    return Series(rule.customer_id, rule.app_id, rule.metric.key, rule.filters)


def can_be_learned(rule: Rule) -> bool:
    """Whether rollups hold the rule's past: a metric of the catalog under conditions that a rollup is cut by."""
    return isinstance(rule.metric, Metric) and question_of_past(rule) is not None


def question_of_past(rule: Rule) -> Question | None:
    """The question whose shape (cut, all apps) the past is read by; rules of one shape are read together."""
    question = question_about(rule)
    return question if isinstance(question, Question) and question.table != RAW else None


def read_past(pool: ClientPool, question: Question, rules: Sequence[Rule], first: int, end: int) -> dict[Series, Past]:
    """The past of these rules' series in the slots from `first` to before `end`. Raises whatever the engine raises."""
    slots = read_slots(pool, question, rules, first, end, SLOT_S)
    scales = {series_of(rule): scale_of(rule.of_catalog) for rule in rules}
    return {series: Past(end, scales[series].turn(values), volumes) for series, (values, volumes) in slots.items()}


def read_slots(
    pool: ClientPool, question: Question, rules: Sequence[Rule], first: int, end: int, slot_s: int
) -> dict[Series, tuple[Floats, Floats]]:
    """Values and volumes of these rules' series in slots of `slot_s` (whole minutes), from `first` to before `end`.

    Slots are numbered from the epoch; nan is one without a report. Raises whatever the engine raises.
    """
    measures = tuple(sorted({REPORTS, *(name for rule in rules for name in rule.of_catalog.measures)}))
    parameters: dict[str, Any] = {
        "customers": sorted({rule.customer_id for rule in rules}),
        "cut": question.cut,
        "since": first * slot_s,
        "until": end * slot_s,
    }
    where = f"customer IN {{customers:Array(UInt32)}} AND cut = {{cut:String}} AND bucket >= {at('since')}"
    where += f" AND bucket < {at('until')}"
    if not question.is_of_all_apps:
        where += " AND app IN {apps:Array(UInt32)}"
        parameters["apps"] = sorted({rule.app_id for rule in rules})
    if question.dimensions:
        where += " AND value IN {values:Array(String)}"
        parameters["values"] = sorted({JOINT.join(map(str, key_of(rule, question)[2:])) for rule in rules})
    app = "toUInt32(0)" if question.is_of_all_apps else "app"
    columns = ", ".join(f"{BY_NAME[name].merge} AS m_{name}" for name in measures)
    gathered = ", ".join(f"groupArray(m_{name})" for name in measures)
    rows = pool.rows(
        f"SELECT customer, of_app, value, groupArray(slot), {gathered} FROM (SELECT customer, {app} AS of_app, value, "
        f"intDiv(toUnixTimestamp(bucket), {slot_s}) AS slot, {columns} FROM {TABLE} WHERE {where} "
        "GROUP BY customer, of_app, value, slot) GROUP BY customer, of_app, value",
        parameters,
        {**LIMITS, "log_comment": "watch past"},
    )
    found = {}
    for customer, of_app, value, slots, *columns_of in rows:
        values = tuple(value.split(JOINT)) if question.dimensions else ()
        found[(customer, of_app, *values)] = (slots, dict(zip(measures, columns_of, strict=True)))
    read = {}
    for rule in rules:
        slots, totals = found.get(key_of(rule, question), ((), {}))
        read[series_of(rule)] = values_of(rule.of_catalog, slots, totals, range(first, end), slot_s)
    return read


def values_of(
    metric: Metric, slots: Sequence[int], totals: Mapping[str, Sequence[Any]], wanted: range, slot_s: int
) -> tuple[Floats, Floats]:
    """The slots' totals as the metric's values and volumes; a slot without a report is unknown, not zero."""
    values, volumes = np.full(len(wanted), np.nan), np.full(len(wanted), np.nan)
    is_count = not metric.denominator and not metric.cells
    for place, slot in enumerate(slots):
        row = {name: column[place] for name, column in totals.items()}
        volume = metric.volume(row)
        if volume <= 0 and not (is_count and row[REPORTS] > 0):
            continue
        value = metric.value(row, span_s=slot_s)
        if value is not None:
            values[slot - wanted[0]], volumes[slot - wanted[0]] = value, volume
    return values, volumes


def joined(older: Past, newer: Past, first_of_newer: int) -> Past:
    """An older past with its newest slots restated, of at most SLOTS: late reports change what was."""
    kept = len(older.values) - (older.end - first_of_newer)
    return Past(newer.end, end_of(older.values, kept, newer.values), end_of(older.volumes, kept, newer.volumes))


def end_of(older: Floats, kept: int, newer: Floats) -> Floats:
    """The newest SLOTS of both, one after the other."""
    return np.concatenate((older[: max(kept, 0)], newer))[-SLOTS:]
