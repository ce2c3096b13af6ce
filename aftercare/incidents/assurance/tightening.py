"""Tighter alert rules for the time of the event: rules of its own beside the usual ones.

They are made when it begins and deleted when it ends, each in the transaction that says so: a process that dies between
leaves either both or nothing, and what people change about the usual rules meanwhile is never touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.assurance.log import live, record, write_entry
from aftercare.incidents.models import Assurance, AssuranceRule, AssuranceState
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS
from aftercare.watch.actions import check_facts, create_monitor, delete_monitor
from aftercare.watch.models import Comparison, Kind, Monitor, MonitorState
from aftercare.watch.types import MonitorFacts, facts_of

RULES_AT_MOST = 200


@dataclass(frozen=True)
class Tighter:
    """How much tighter: `percent` nearer to perfect, and window (s), windows in a row and severity where said."""

    percent: float
    window_s: int | None = None
    fire_after: int | None = None
    severity: str = ""


def tightened(facts: MonitorFacts, how: Tighter) -> MonitorFacts:
    """The rule with its limit `how.percent` nearer to the best that there is: 0, or 100 for a percentage from below.

    A limit of 5 % stalled becomes 3.5 % at 30 percent, one of 98 % joined becomes 98.6 %.
    """
    if facts.threshold is None:
        raise Refused(_("Only rules with a limit can be made tighter."))
    part = how.percent / 100
    if facts.comparison == Comparison.ABOVE:
        threshold = facts.threshold * (1 - part)
    elif facts.metric in METRICS and METRICS[facts.metric].unit == "%":
        threshold = 100 - (100 - facts.threshold) * (1 - part)
    else:
        threshold = facts.threshold * (1 + part)
    return replace(
        facts,
        threshold=round(threshold, 4),
        window_s=how.window_s or facts.window_s,
        fire_after=how.fire_after or facts.fire_after,
        severity=how.severity or facts.severity,
        enabled=True,
    )


@transaction.atomic
def add_rules(
    *, assurance: Assurance, monitors: Sequence[Monitor], how: Tighter, actor: User, now: datetime
) -> list[AssuranceRule]:
    """A tighter rule beside each of these; what there was beside one is replaced.

    Raises Refused for a rule of an app that is not the event's, for what makes no sense, and once the event has begun.
    """
    if not 1 <= how.percent <= 95:
        raise Refused(_("Rules can be 1 to 95 percent tighter."))
    row = live(assurance)
    require_not_begun(row)
    apps = set(row.apps.values_list("pk", flat=True))
    rules = []
    for monitor in monitors:
        if monitor.app_id not in apps or monitor.kept_by or monitor.deleted_at is not None:
            raise Refused(_("Choose alert rules of the event's own apps."))
        if monitor.kind != Kind.THRESHOLD or monitor.threshold is None:
            raise Refused(_("Only rules with a limit can be made tighter."))
        facts = tightened(facts_of(monitor), how)
        check_facts(facts)
        row.rules.filter(app=monitor.app_id, facts__metric=facts.metric, facts__filters=facts.filters).filter(
            facts__severity=facts.severity
        ).delete()
        rules.append(
            AssuranceRule.objects.create(
                assurance=row, app_id=monitor.app_id, facts=facts.as_dict(), usual_threshold=monitor.threshold
            )
        )
    if row.rules.count() > RULES_AT_MOST:
        raise Refused(_("An assurance has %(limit)s tighter rules at most.") % {"limit": RULES_AT_MOST})
    record("assurance.rules", row, actor, {"rules": len(rules), "percent": how.percent}, now)
    return rules


@transaction.atomic
def remove_rule(*, assurance: Assurance, rule_id: int, actor: User, now: datetime) -> None:
    """The usual rule is enough after all. Raises Refused for another assurance's, and once the event has begun."""
    row = live(assurance)
    require_not_begun(row)
    if not row.rules.filter(pk=rule_id).delete()[0]:
        raise Refused(_("This rule is no longer there."))
    record("assurance.rule_removed", row, actor, {"rule": rule_id}, now)


def require_not_begun(assurance: Assurance) -> None:
    """Raise Refused once the rules hold."""
    if assurance.state == AssuranceState.RUNNING:
        raise Refused(_("It has begun: its rules stay as they are until its end."))


def tighten(assurance: Assurance, now: datetime) -> None:
    """Make the rules hold. One that is refused stands in the log and holds up no other.

    In the order of the apps, which are locked one after the other.
    """
    for rule in assurance.rules.filter(monitor=None).select_related("app").order_by("app_id", "pk"):
        try:
            rule.monitor = create_monitor(
                app=rule.app, facts=MonitorFacts(**rule.facts), kept_by=assurance.path, actor=None, now=now
            )
        except Refused as refused:
            rule.refusal = refused.sentence[:300]
            write_entry(assurance, "refused", now=now, text=f"{rule.app} · {rule}: {refused.sentence}")
        rule.save(update_fields=["monitor", "refusal"])


def loosen(assurance: Assurance, now: datetime) -> None:
    """Take away every rule that the assurance keeps, whatever became of its rows; their open alerts close.

    All states are locked first: an alert that closes takes its app, and who evaluates comes from the state to the app.
    """
    kept = Monitor.objects.filter(kept_by=assurance.path, deleted_at__isnull=True).order_by("pk")
    monitors = list(kept)
    list(MonitorState.objects.select_for_update().filter(monitor__in=monitors).order_by("pk").values_list("pk"))
    for monitor in monitors:
        delete_monitor(monitor=monitor, kept_by=assurance.path, actor=None, now=now)
