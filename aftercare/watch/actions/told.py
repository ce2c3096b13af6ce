"""Alerts that somebody else tells: they open, are updated, become worse and close as our own do.

Whatever happens to them begins with the lock of their origin, then that of what they are about, as with monitors.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.watch.causes import by_labels
from aftercare.watch.events import AlertsClosed, AlertsOpened, AlertsRaised
from aftercare.watch.models import Alert, AlertSource, CloseReason, Heartbeat, Risk, Severity
from aftercare.watch.types import Told

# What tells alerts; each has a customer and an app, or neither, and `origin`, one of the models' ORIGINS.
Origin = AlertSource | Heartbeat | Risk
WORDS = ("title", "title_zh", "body", "link", "filters", "severity")


@dataclass(frozen=True)
class Raised:
    """What became of alerts that were told: those that opened, those that became red, and how many were known."""

    opened: tuple[int, ...]
    worse: tuple[int, ...]
    known: int


@transaction.atomic
def raise_alerts(*, origin: Origin, told: Sequence[Told], now: datetime, closes_at: datetime | None = None) -> Raised:
    """Open an alert for each trouble that is told, or update the one that is open. Told twice counts once.

    An open alert takes over the newest words; its severity only rises, as the worst value of a measured one does.
    Without further news it closes at `closes_at`. Of several with one fingerprint the last is meant.
    """
    hold_origin(origin)
    wanted = {one.fingerprint: one for one in told}
    known = {alert.fingerprint: alert for alert in open_of(origin).filter(fingerprint__in=wanted)}
    over = finished(origin, [one.fingerprint for one in wanted.values() if one.is_once])
    fresh = [one for name, one in wanted.items() if name not in known and name not in over]
    fresh.sort(key=lambda one: one.severity != Severity.RED)
    causes = by_labels([(origin.customer_id, one.labels) for one in fresh])
    opened = Alert.objects.bulk_create(
        [alert_of(origin, one, now, closes_at, cause) for one, cause in zip(fresh, causes, strict=True)]
    )
    worse = update(known, wanted, now, closes_at)
    if opened:
        publish(AlertsOpened(tuple(alert.pk for alert in opened), now))
    if worse:
        publish(AlertsRaised(worse, now))
    return Raised(tuple(alert.pk for alert in opened), worse, len(known))


@transaction.atomic
def recover_alerts(
    *, origin: Origin, fingerprints: Collection[str], now: datetime, reason: CloseReason = CloseReason.RECOVERED
) -> int:
    """Close the open alerts of these fingerprints; returns how many there were. Told twice counts once."""
    hold_origin(origin)
    return close(open_of(origin).filter(fingerprint__in=fingerprints), reason, now)


@transaction.atomic
def close_told(*, alert: Alert, actor: User | None, now: datetime) -> None:
    """Close an alert from elsewhere by hand, where its source will not say that it is over.

    Raises Refused for an alert of a rule of ours, which closes by what it measures, for one of a heartbeat, which
    closes with its next success, for one of a hidden risk, which closes with that, and for one that is over.
    """
    if alert.heartbeat is not None:
        raise Refused(_("An alert of a heartbeat closes by itself with its next successful ping."))
    if alert.risk is not None:
        raise Refused(_("An alert of a hidden risk closes with the risk."))
    if alert.source is None:
        raise Refused(_("An alert of a rule closes by itself once the measure is back within its limit."))
    hold_origin(alert.source)
    if not close(open_of(alert.source).filter(pk=alert.pk), CloseReason.BY_HAND, now):
        raise Refused(_("This alert is over already."))
    detail = {"source": alert.source.ref, "title": alert.title}
    record(actor=actor, action="alert.close", subject=alert.ref, customer_id=alert.customer_id, detail=detail, now=now)


def hold_origin(origin: Origin) -> None:
    """Lock the origin, so that what it tells is taken in one after the other."""
    type(origin).objects.select_for_update(no_key=True).get(pk=origin.pk)


def open_of(origin: Origin) -> QuerySet[Alert]:
    """The alerts of this origin that are open."""
    return Alert.objects.filter(**{f"{origin.origin}_id": origin.pk}, closed_at__isnull=True)


def finished(origin: Origin, fingerprints: Collection[str]) -> set[str]:
    """Those of these fingerprints whose one occurrence is over."""
    if not fingerprints:
        return set()
    alerts = Alert.objects.filter(**{f"{origin.origin}_id": origin.pk}, closed_at__isnull=False)
    return set(alerts.filter(fingerprint__in=fingerprints).values_list("fingerprint", flat=True))


def alert_of(origin: Origin, told: Told, now: datetime, closes_at: datetime | None, cause: int | None) -> Alert:
    """The alert that something told opens; `cause` is the resource that its labels name."""
    return Alert(
        **{f"{origin.origin}_id": origin.pk},
        customer_id=origin.customer_id,
        app_id=origin.app_id,
        fingerprint=told.fingerprint,
        opened_at=now,
        last_seen_at=now,
        closes_at=closes_at,
        cause_id=cause,
        **words_of(told),
    )


def words_of(told: Told) -> dict[str, object]:
    """What is told, by the names of WORDS."""
    return {name: getattr(told, name) for name in WORDS if name != "filters"} | {"filters": told.labels}


def update(
    known: dict[str, Alert], wanted: dict[str, Told], now: datetime, closes_at: datetime | None
) -> tuple[int, ...]:
    """Give open alerts their newest words; returns those that became red by it, in no order."""
    changed, worse = list[Alert](), list[int]()
    for fingerprint, alert in known.items():
        before = {name: getattr(alert, name) for name in WORDS}
        after = words_of(wanted[fingerprint])
        if alert.severity == Severity.RED:
            after["severity"] = Severity.RED
        if after == before:
            continue
        if after["severity"] != before["severity"]:
            worse.append(alert.pk)
        for name, value in after.items():
            setattr(alert, name, value)
        changed.append(alert)
    Alert.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=list(WORDS))
    Alert.objects.filter(pk__in=[alert.pk for alert in known.values()]).update(last_seen_at=now, closes_at=closes_at)
    return tuple(worse)


def close(alerts: QuerySet[Alert], reason: CloseReason, now: datetime) -> int:
    """Close these open alerts of one origin and tell of it; returns how many there were."""
    pks = tuple(alerts.order_by("pk").values_list("pk", flat=True))
    if not pks:
        return 0
    Alert.objects.filter(pk__in=pks).update(closed_at=now, close_reason=reason)
    publish(AlertsClosed(pks, now))
    return len(pks)
