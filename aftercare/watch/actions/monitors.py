"""Making, editing and deleting monitors, each in one transaction with its audit row."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.kernel.ids import new_ref
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.watch.checks import check
from aftercare.watch.events import AlertClosed
from aftercare.watch.models import (
    Alert,
    CloseReason,
    Comparison,
    Monitor,
    MonitorChange,
    MonitorState,
    PlanVersion,
    Severity,
    Status,
)
from aftercare.watch.types import MonitorFacts, facts_of

# Red speaks at once: the volume floor already keeps chance out. A warning waits for a second window.
WINDOWS_TO_FIRE = {Severity.RED: 1, Severity.WARNING: 2}
# A fault leaves a 60 s window slowly; half a minute below the line keeps an alert from closing and opening again.
WINDOWS_TO_RESOLVE = 6
DEFAULT_WINDOW_S = 60
MOST_PER_APP = 200
# Changing one of these asks another question: what was seen so far says nothing about it.
QUESTION = ("kind", "metric", "filters", "comparison", "severity")


def default_facts(metric: Metric) -> list[MonitorFacts]:
    """The rules every app starts with for one metric: its published red line, and its tighter warning line."""
    lines = {Severity.RED: metric.red, Severity.WARNING: metric.warning}
    return [
        MonitorFacts(
            metric=metric.key,
            comparison=Comparison.BELOW if metric.direction == "higher" else Comparison.ABOVE,
            threshold=line,
            window_s=DEFAULT_WINDOW_S,
            fire_after=WINDOWS_TO_FIRE[severity],
            resolve_after=WINDOWS_TO_RESOLVE,
            severity=severity,
        )
        for severity, line in lines.items()
        if line is not None
    ]


def create_default_monitors(*, app: App, now: datetime) -> list[Monitor]:
    """Give an app the default rules it does not have yet; returns the new ones."""
    with transaction.atomic():
        owned = Monitor.objects.filter(app=app, is_default=True, deleted_at__isnull=True)
        has = set(owned.values_list("metric", "severity"))
        wanted = [facts for metric in METRICS.values() for facts in default_facts(metric)]
        missing = [facts for facts in wanted if (facts.metric, facts.severity) not in has]
        if not missing:
            return []
        monitors = Monitor.objects.bulk_create(new_monitor(app, facts, now, is_default=True) for facts in missing)
        MonitorState.objects.bulk_create(MonitorState(monitor=monitor, changed_at=now) for monitor in monitors)
        renew_plan()
        record(
            actor=None,
            action="monitor.defaults",
            subject=app.ref,
            customer_id=app.customer_id,
            detail={"monitors": len(monitors)},
            now=now,
        )
    return monitors


def create_monitor(
    *, app: App | Customer, facts: MonitorFacts, kept_by: str = "", actor: User | None, now: datetime
) -> Monitor:
    """Add a rule to an app, or to a customer for all its apps; with `kept_by` only who names it may change it.

    Raises Refused when the facts make no sense or there are too many rules already.
    """
    check(facts)
    with transaction.atomic():
        require_room(app)
        monitor = new_monitor(app, facts, now)
        monitor.kept_by = kept_by
        monitor.save()
        MonitorState.objects.create(monitor=monitor, changed_at=now)
        renew_plan()
        write_audit("create", monitor, actor, facts.as_dict(), now)
    return monitor


def require_room(app: App | Customer) -> None:
    """Lock the app or customer. Raises Refused when it has as many rules of its own as there can be."""
    if isinstance(app, App):
        App.objects.select_for_update(no_key=True).get(pk=app.pk)
        if Monitor.objects.filter(app=app, deleted_at__isnull=True).count() >= MOST_PER_APP:
            raise Refused(_("This app has %(most)d alert rules, the most there can be.") % {"most": MOST_PER_APP})
        return
    Customer.objects.select_for_update(no_key=True).get(pk=app.pk)
    if Monitor.objects.filter(customer=app, app=None, deleted_at__isnull=True).count() >= MOST_PER_APP:
        sentence = _("There are %(most)d alert rules for all apps of this customer, the most there can be.")
        raise Refused(sentence % {"most": MOST_PER_APP})


def edit_monitor(*, monitor: Monitor, facts: MonitorFacts, actor: User | None, now: datetime) -> Monitor:
    """Change a rule. Raises Refused when the facts make no sense or the rule was deleted meanwhile.

    A rule that another page keeps is refused, too.

    Another metric, filter, comparison or severity, or switching the rule off, closes an open alert and starts anew;
    another threshold, window, floor or count leaves it open for the new limits to decide.
    """
    check(facts)
    with transaction.atomic():
        state = lock_state(monitor)
        require_keeper(state.monitor, "")
        before = facts_of(state.monitor)
        changed = {name: value for name, value in facts.as_dict().items() if value != getattr(before, name)}
        if not changed:
            return state.monitor
        for name, value in changed.items():
            setattr(state.monitor, name, value)
        state.monitor.save(update_fields=list(changed))
        if not facts.enabled:
            close_alert(state, CloseReason.DISABLED, now)
        elif set(changed) & set(QUESTION):
            close_alert(state, CloseReason.EDITED, now)
        state.revision += 1
        state.save()
        renew_plan()
        detail = {name: [getattr(before, name), value] for name, value in changed.items()}
        write_audit("edit", state.monitor, actor, detail, now)
    return state.monitor


def delete_monitor(*, monitor: Monitor, kept_by: str = "", actor: User | None, now: datetime) -> None:
    """Take a rule away; an open alert of it is closed. Raises Refused when it was deleted already or is not theirs."""
    with transaction.atomic():
        state = lock_state(monitor)
        require_keeper(state.monitor, kept_by)
        state.monitor.deleted_at = now
        state.monitor.save(update_fields=["deleted_at"])
        close_alert(state, CloseReason.DELETED, now)
        state.revision += 1
        state.save()
        renew_plan()
        write_audit("delete", state.monitor, actor, facts_of(state.monitor).as_dict(), now)


def new_monitor(app: App | Customer, facts: MonitorFacts, now: datetime, *, is_default: bool = False) -> Monitor:
    """An unsaved monitor of an app, or of all apps of a customer."""
    if isinstance(app, Customer):
        return Monitor(customer=app, created_at=now, **facts.as_dict())
    return Monitor(app=app, customer_id=app.customer_id, created_at=now, is_default=is_default, **facts.as_dict())


def lock_state(monitor: Monitor) -> MonitorState:
    """The state under its lock, which the evaluation takes too, with the monitor as it is now."""
    state = MonitorState.objects.select_for_update().get(pk=monitor.pk)
    state.monitor = Monitor.objects.select_related("app", "customer").get(pk=monitor.pk)
    if state.monitor.deleted_at is not None:
        raise Refused(_("This alert rule has been deleted."))
    return state


def require_keeper(monitor: Monitor, kept_by: str) -> None:
    """Raise Refused for a rule that another page keeps."""
    if monitor.kept_by != kept_by:
        raise Refused(
            _("This alert rule belongs to an event assurance, which takes it away at its end. Change it there.")
        )


def close_alert(state: MonitorState, reason: CloseReason, now: datetime) -> None:
    """Put the rule back to the start; its open alert, if any, is closed for this reason. The caller saves the state."""
    alert = Alert.objects.filter(monitor_id=state.pk, closed_at__isnull=True).first()
    if alert is not None:
        alert.closed_at, alert.close_reason = now, reason
        alert.save(update_fields=["closed_at", "close_reason"])
        publish(AlertClosed(alert.pk, now))
    if state.status != Status.NEW:
        MonitorChange.objects.create(monitor_id=state.pk, at=now, from_status=state.status, to_status=Status.NEW)
    state.status, state.value, state.volume, state.changed_at = Status.NEW, None, None, now


def renew_plan() -> None:
    """Tell every evaluator to load the rules anew once this transaction is through."""
    if not PlanVersion.objects.filter(pk=1).update(token=new_ref()):
        PlanVersion.objects.bulk_create([PlanVersion(pk=1, token=new_ref())], ignore_conflicts=True)
        PlanVersion.objects.filter(pk=1).update(token=new_ref())


def write_audit(verb: str, monitor: Monitor, actor: User | None, detail: Mapping[str, object], now: datetime) -> None:
    """The audit row of one change of one monitor."""
    record(
        actor=actor,
        action=f"monitor.{verb}",
        subject=monitor.ref,
        customer_id=monitor.customer_id,
        detail={"metric": monitor.metric, **detail},
        now=now,
    )
