"""An alert closes, an incident ends."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.access import open_alerts_of
from aftercare.incidents.actions.handling import tell_customers
from aftercare.incidents.actions.locking import held, hold_place
from aftercare.incidents.models import EndReason, Incident, IncidentAlert, Kind, Status
from aftercare.incidents.timeline import write_entry
from aftercare.incidents.words import alert_sentence, over_words, recovery_sentence
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.watch.models import CloseReason
from aftercare.web.languages import in_both

SETTLE = timedelta(seconds=30)  # the last reports of a window arrive a little after its end
# Long enough for a fix to leave the default windows, short enough that a wrong "it is over" costs little.
REOPEN_AFTER = timedelta(minutes=10)
NAMED = 3  # open alerts that the refusal names


class StillOpen(Refused):
    """An incident whose alerts are open is not over; who knows better may resolve it anyway."""


@transaction.atomic
def close_alert(*, alert_id: int, now: datetime) -> None:
    """Note how the alert closed, and resolve the incident when it was its last open one. Twice counts once."""
    link = (
        IncidentAlert.objects.filter(alert_id=alert_id)
        .select_related("incident", "alert__app", "alert__customer")
        .first()
    )
    if link is None:
        return
    alert = link.alert
    hold_place(alert)
    incident = held(link.incident.ref)
    if incident is None or incident.timeline.filter(kind=Kind.ALERT_CLOSED, data__alert=alert.ref).exists():
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
        unseen=alert.close_reason == CloseReason.UNSEEN,
    )
    IncidentAlert.objects.filter(pk=link.pk).update(evidence_due_at=now + SETTLE, evidence_tries=0)
    if not open_alerts_of(incident).exclude(pk=link.pk).exists():
        resolve_incident(incident=incident, user=None, reason=end_reason(incident, alert.close_reason), now=now)


def end_reason(incident: Incident, last: str) -> EndReason:
    """Why the incident is over, from how the last alert of each of its rules closed; `last` closed just now.

    One that closed without data outweighs the others: nobody can say that it recovered.
    """
    closings = IncidentAlert.objects.filter(incident=incident).order_by("alert__opened_at", "alert_id")
    by_rule = dict(closings.values_list("alert__monitor_id", "alert__close_reason"))
    if CloseReason.UNSEEN in by_rule.values():
        return EndReason.UNSEEN
    return EndReason.RECOVERED if last == CloseReason.RECOVERED else EndReason.GONE


@transaction.atomic
def resolve_incident(
    *, incident: Incident, user: User | None, reason: str = EndReason.BY_HAND, anyway: bool = False, now: datetime
) -> None:
    """End the incident: its page closes, its tickets are told. Nothing happens to an incident that is over.

    Raises StillOpen while an alert of it is open. With `anyway` it ends all the same, and opens again after
    REOPEN_AFTER when the alert is open still: a fault that lasts never stays silent.
    """
    row = held(incident.ref)
    if row is None or row.status == Status.RESOLVED:
        return
    still = list(open_alerts_of(row)[:NAMED]) if reason == EndReason.BY_HAND else []
    if still and not anyway:
        raise StillOpen(still_open_words(still))
    row.status, row.end_reason = Status.RESOLVED, reason
    row.resolved_at, row.resolved_by = now, user
    row.reopens_at = now + REOPEN_AFTER if still else None
    row.save()
    write_entry(row, Kind.RESOLVED, now=now, actor=user, reason=reason)
    oncall.close_page(subject_ref=row.ref, now=now)
    words, words_zh = in_both(lambda: over_words(row.customer, row.opened_at, now, reason))
    tell_customers(row, words, words_zh, now)
    audit.record(
        actor=user,
        action="incident.resolve",
        subject=row.ref,
        customer_id=row.customer_id,
        detail={"reason": reason, "alerts_open": [link.alert.ref for link in still]},
        now=now,
    )


def still_open_words(links: list[IncidentAlert]) -> str:
    """Which alerts keep an incident from being over."""
    named = _("; ").join(alert_sentence(link.alert) for link in links)
    return _("It is not over yet: %(alerts)s. Once that is within its limit, the incident is resolved by itself.") % {
        "alerts": named
    }
