"""Rules about measurements kept under their own names: what is asked together, and how it is asked.

One question per reading, window, set of labels and scope, for all names of all customers at once. The window ends now:
a point that is still on its way is missing from it, so a window is best twice as long as the senders' pause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aftercare.telemetry.queries.asking import Rows
from aftercare.telemetry.queries.measurements import Chosen, Span, measure
from aftercare.telemetry.schema.measured import Measurement, kinds_read_as
from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.rules import NOTHING, Reading, Rule, Verdict, judge

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class MeasuredQuestion:
    """What rules about measurements must have in common to be answered by one query. Labels are sorted."""

    reading: str
    labels: tuple[str, ...]
    window_s: int
    is_of_all_apps: bool = False


@dataclass(frozen=True)
class MeasuredAnswers:
    """What one question gave, by customer, app (0: all), name and values of the labels."""

    question: MeasuredQuestion
    found: Mapping[Key, Reading]

    def readings(self, rule: Rule) -> tuple[Reading, Reading | None]:
        """The window's reading of one rule; no newer end is asked for."""
        return self.found.get(key_of(rule), NOTHING), None

    def weigh(self, rule: Rule) -> tuple[Verdict, Reading]:
        """What the window says about one rule against its limit, and by which reading."""
        reading, _newest = self.readings(rule)
        return judge(rule, reading), reading


def question_of(rule: Rule, measurement: Measurement) -> MeasuredQuestion:
    """The question that answers a rule about this measurement."""
    labels = tuple(label for label, _value in rule.filters)
    return MeasuredQuestion(measurement.reading, labels, rule.window_s, not rule.app_id)


def key_of(rule: Rule) -> Key:
    """Where the rule finds its reading in the answer."""
    name = rule.metric.name
    return (rule.customer_id, rule.app_id, name, *(value for _label, value in rule.filters))


def ask_measured(pool: ClientPool, question: MeasuredQuestion, rules: Sequence[Rule], now: datetime) -> MeasuredAnswers:
    """The answer for all these rules in one query. Raises whatever the engine raises."""

    def asking(name: str, sql: str, parameters: Mapping[str, Any]) -> Rows:
        return pool.rows(sql, parameters, {"log_comment": f"watch {name} {question.window_s}"})

    span = Span.of(now - timedelta(seconds=question.window_s), now)
    found = measure(asking, chosen_for(question, rules), question.reading, span)
    readings = {key: Reading(*steps[0], question.window_s) for key, steps in found.items() if 0 in steps}
    return MeasuredAnswers(question, readings)


def chosen_for(question: MeasuredQuestion, rules: Iterable[Rule]) -> Chosen:
    """The series of all these rules, told apart as their keys are: customers and apps first, then what is watched."""
    keys = sorted({key_of(rule) for rule in rules}, key=repr)
    customers, apps, names, *values = (sorted(set(part), key=repr) for part in zip(*keys, strict=True))
    whose, app = "customer IN {customers:Array(UInt32)}", "toUInt32(0)"
    parameters: dict[str, Any] = {
        "customers": customers,
        "names": names,
        "kinds": list(kinds_read_as(question.reading)),
    }
    if not question.is_of_all_apps:
        whose, app = whose + " AND app IN {apps:Array(UInt32)}", "app"
        parameters["apps"] = apps
    which = ["name IN {names:Array(String)}", "kind IN {kinds:Array(String)}"]
    labels = []
    for place, (label, told) in enumerate(zip(question.labels, values, strict=True)):
        parameters |= {f"label{place}": label, f"values{place}": told}
        labels.append(f"labels[{{label{place}:String}}]")
        which.append(f"{labels[-1]} IN {{values{place}:Array(String)}}")
    return Chosen(whose, " AND ".join(which), ("customer", app, "name", *labels), parameters)
