"""An alert recovers, an incident ends."""

from datetime import datetime, timedelta

from django.db import transaction

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.actions.handling import tell_customers
from aftercare.incidents.models import Incident, IncidentAlert, Kind, Status
from aftercare.incidents.timeline import write_entry
from aftercare.incidents.words import in_both, over_words, recovery_sentence
from aftercare.oncall import actions as oncall
from aftercare.watch.models import CloseReason

SETTLE = timedelta(seconds=30)  # the last reports of a window arrive a little after its end


@transaction.atomic
def close_alert(*, alert_id: int, now: datetime) -> None:
    """Note the recovery, and resolve the incident when it was its last open alert. Twice counts once."""
    link = IncidentAlert.objects.filter(alert_id=alert_id).select_related("alert", "alert__app__customer").first()
    if link is None:
        return
    incident = Incident.objects.select_for_update().get(pk=link.incident_id)
    alert = link.alert
    if incident.timeline.filter(kind=Kind.ALERT_CLOSED, data__alert=alert.ref).exists():
        return
    title, title_zh = in_both(lambda: recovery_sentence(alert))
    write_entry(
        incident,
        Kind.ALERT_CLOSED,
        now=now,
        customer_id=alert.customer_id,
        sentence=title,
        sentence_zh=title_zh,
        alert=alert.ref,
        recovered=alert.close_reason == CloseReason.RECOVERED,
    )
    IncidentAlert.objects.filter(pk=link.pk).update(evidence_due_at=now + SETTLE, evidence_tries=0)
    others = IncidentAlert.objects.filter(incident=incident, alert__closed_at__isnull=True).exclude(pk=link.pk)
    if not others.exists():
        reason = "recovered" if alert.close_reason == CloseReason.RECOVERED else "gone"
        resolve_incident(incident=incident, user=None, reason=reason, now=now)


@transaction.atomic
def resolve_incident(*, incident: Incident, user: User | None, reason: str = "by_hand", now: datetime) -> None:
    """End the incident: its page closes, its tickets are told. `reason` is by_hand, recovered or gone.

    Nothing happens to an incident that is over.
    """
    row = Incident.objects.select_for_update().get(pk=incident.pk)
    if row.status == Status.RESOLVED:
        return
    row.status = Status.RESOLVED
    row.resolved_at = now
    row.resolved_by = user
    row.save()
    write_entry(row, Kind.RESOLVED, now=now, actor=user, reason=reason)
    oncall.close_page(subject_ref=row.ref, now=now)
    words, words_zh = in_both(lambda: over_words(row.app, row.opened_at, now, reason))
    tell_customers(row, words, words_zh, now)
    audit.record(
        actor=user,
        action="incident.resolve",
        subject=row.ref,
        customer_id=row.app.customer_id,
        detail={"reason": reason},
        now=now,
    )
