"""Asking the telemetry: one question's SQL, its rows, and each rule's reading of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aftercare.telemetry.schema.cuts import JOINT
from aftercare.telemetry.schema.measures import MEASURES, Measure
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.measured import MeasuredAnswers, MeasuredQuestion, ask_measured
from aftercare.watch.engine.questions import RAW, AnyQuestion, Question, key_of
from aftercare.watch.engine.rules import NOTHING, Reading, Rule, Verdict, weigh

BY_NAME = {measure.name: measure for measure in MEASURES}
# Says whether an app reported at all, whatever it reported: then a count of zero is a zero.
REPORTS = "reports"

Key = tuple[object, ...]
Answer = Mapping[Key, Mapping[str, Any]]


@dataclass(frozen=True)
class Query:
    """A statement with its bound parameters, and the measures its rows hold after their key."""

    sql: str
    parameters: dict[str, Any]
    measures: tuple[str, ...]


def build_query(question: Question, rules: Sequence[Rule], now: datetime) -> Query:
    """The one statement that answers all these rules: customers, apps and time first, then the cut or dimensions."""
    since, until = question.span(now)
    measures = tuple(sorted({REPORTS, *(name for rule in rules for name in rule.of_catalog.measures)}))
    parameters: dict[str, Any] = {
        "customers": sorted({rule.customer_id for rule in rules}),
        "since": since,
        "until": until,
    }
    bound, app = "customer IN {customers:Array(UInt32)}", "toUInt32(0)"
    if not question.is_of_all_apps:
        bound, app = bound + " AND app IN {apps:Array(UInt32)}", "app"
        parameters["apps"] = sorted({rule.app_id for rule in rules})
    if question.table == RAW:
        keys, where = list(question.dimensions), "ts >= {since} AND ts < {until}"
        where = where.format(since=at("since"), until=at("until"))
        for place, dimension in enumerate(question.dimensions):
            parameters[f"values{place}"] = sorted({dict(rule.filters)[dimension] for rule in rules})
            where += f" AND {dimension} IN {{values{place}:Array(String)}}"
        if "role" not in question.dimensions:
            where += " AND role != 'probe'"
        numbers = [raw_number(BY_NAME[name]) for name in measures]
    else:
        keys, where = ["value"], f"cut = {{cut:String}} AND bucket >= {at('since')} AND bucket < {at('until')}"
        parameters["cut"] = question.cut
        if question.dimensions:
            parameters["values"] = sorted({JOINT.join(map(str, key_of(rule, question)[2:])) for rule in rules})
            where += " AND value IN {values:Array(String)}"
        numbers = [BY_NAME[name].merge for name in measures]
    asked = ", ".join(["customer", app, *keys])
    grouped = ", ".join(["customer", *([] if question.is_of_all_apps else ["app"]), *keys])
    columns = ", ".join(f"{sql} AS m_{name}" for name, sql in zip(measures, numbers, strict=True))
    sql = f"SELECT {asked}, {columns} FROM {question.table} WHERE {bound} AND {where} GROUP BY {grouped}"
    return Query(sql, parameters, measures)


def raw_number(measure: Measure) -> str:
    """SQL: a measure over raw rows as a number; a distinct count's bare state is nothing a client can read."""
    return f"finalizeAggregation({measure.raw})" if measure.kind == "users" else measure.raw


def at(parameter: str) -> str:
    """SQL: a bound number of seconds since the epoch as an instant."""
    return f"toDateTime({{{parameter}:UInt32}}, 'UTC')"


def ask(pool: ClientPool, question: Question, rules: Sequence[Rule], now: datetime) -> Answer:
    """The rows of the answer by customer, app and dimension values. Raises whatever the engine raises."""
    query = build_query(question, rules, now)
    rows = pool.rows(query.sql, query.parameters, {"log_comment": f"watch {question.table} {question.window_s}"})
    fixed = 2 + (len(question.dimensions) if question.table == RAW else 1)
    answer: dict[Key, Mapping[str, Any]] = {}
    for row in rows:
        values = row[2:fixed]
        if question.table != RAW:
            values = tuple(row[2].split(JOINT)) if question.dimensions else ()
        answer[(row[0], row[1], *values)] = dict(zip(query.measures, row[fixed:], strict=True))
    return answer


def read(rule: Rule, question: Question, answer: Answer) -> Reading:
    """What the answer says about one rule."""
    row = answer.get(key_of(rule, question))
    if row is None:
        return NOTHING
    metric = rule.of_catalog
    volume = metric.volume(row)
    is_count = not metric.denominator and not metric.cells
    if volume <= 0 and not (is_count and row[REPORTS] > 0):
        return NOTHING
    return Reading(metric.value(row, span_s=question.window_s), volume, question.window_s)


@dataclass(frozen=True)
class Answers:
    """What one question gave, and the same about its window's newest end where that is asked."""

    question: Question
    whole: Answer
    newest: Answer

    def readings(self, rule: Rule) -> tuple[Reading, Reading | None]:
        """The window's reading of one rule, and its newest end's where that is asked."""
        end = self.question.newest
        newest = read(rule, end, self.newest) if end is not None else None
        return read(rule, self.question, self.whole), newest

    def weigh(self, rule: Rule) -> tuple[Verdict, Reading]:
        """What the window says about one rule against its limit, and by which reading."""
        return weigh(rule, *self.readings(rule))


AnyAnswers = Answers | MeasuredAnswers


def ask_all(pool: ClientPool, question: AnyQuestion, rules: Sequence[Rule], now: datetime) -> AnyAnswers:
    """The answers to a question, its newest end with it where it has one. Raises whatever the engine raises."""
    if isinstance(question, MeasuredQuestion):
        return ask_measured(pool, question, rules, now)
    newest = ask(pool, question.newest, rules, now) if question.newest is not None else {}
    return Answers(question, ask(pool, question, rules, now), newest)
