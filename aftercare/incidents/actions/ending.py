"""An alert closes, an incident ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.access import open_alerts_of
from aftercare.incidents.actions.handling import tell_customers
from aftercare.incidents.actions.locking import held, hold_place
from aftercare.incidents.models import EndReason, Incident, IncidentAlert, Kind, Status
from aftercare.incidents.noise import flapping, holding
from aftercare.incidents.telling import promise
from aftercare.incidents.timeline import note_several, write_entry
from aftercare.incidents.words import alert_sentence, over_words, recovery_sentence
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.watch.models import ORIGINS, Alert, CloseReason

SETTLE = timedelta(seconds=30)  # the last reports of a window arrive a little after its end
# Long enough for a fix to leave the default windows, short enough that a wrong "it is over" costs little.
REOPEN_AFTER = timedelta(minutes=10)
ENDS: dict[str, EndReason] = {CloseReason.BY_HAND: EndReason.BY_HAND, CloseReason.REVOKED: EndReason.REVOKED}
NAMED = 3  # open alerts that the refusal names


class StillOpen(Refused):
    """An incident whose alerts are open is not over; who knows better may resolve it anyway."""


@transaction.atomic
def close_alerts(*, alert_ids: Sequence[int], now: datetime) -> None:
    """Note how alerts of one place closed, and resolve each incident whose last open ones they were.

    Twice counts once. However many close at once, an incident's timeline has one line of it.
    """
    first_alert = Alert.objects.filter(pk__in=alert_ids).first()
    if first_alert is None:
        return
    hold_place(first_alert)  # the links are read behind it: what waits may be let go at this moment
    holding.note_over(alert_ids=alert_ids, now=now)
    links = IncidentAlert.objects.filter(alert__in=alert_ids).order_by("alert__severity", "pk")
    for ref in list(links.order_by("incident_id").values_list("incident__ref", flat=True).distinct()):
        incident = held(ref)
        closing = links.filter(incident__ref=ref, over_at__isnull=True)
        closed = list(closing.select_related("alert__app", "alert__customer"))
        if incident is not None and closed:
            note_over(incident, closed, now)


def note_over(incident: Incident, closed: list[IncidentAlert], now: datetime) -> None:
    """One line for all that closed, the worst named; the last ones end the incident, or begin its wait for quiet."""
    alert = closed[0].alert
    if not flapping.is_unquiet(incident):  # what goes on and off has one line, which counts
        note_several(
            incident,
            Kind.ALERT_CLOSED,
            [link.alert for link in closed],
            recovery_sentence,
            now,
            recovered=alert.is_measured and alert.close_reason == CloseReason.RECOVERED,
            unseen=alert.close_reason == CloseReason.UNSEEN,
        )
    links = IncidentAlert.objects.filter(pk__in=[link.pk for link in closed])
    links.update(over_at=now)
    links.exclude(alert__metric="").update(evidence_due_at=now + SETTLE, evidence_tries=0)
    if not open_alerts_of(incident).exists() and not flapping.waits(incident, alert.close_reason, now):
        resolve_incident(incident=incident, user=None, reason=end_reason(incident, alert.close_reason), now=now)


def end_reason(incident: Incident, last: str) -> EndReason:
    """Why the incident is over, from how the last alert of each rule, or of each fingerprint of a source, closed.

    `last` closed just now. One that closed without data outweighs the others: nobody can say that it recovered.
    Where nothing was measured it is others who say that it is over.
    """
    closings = IncidentAlert.objects.filter(incident=incident).order_by("alert__opened_at", "alert_id")
    rules = [f"alert__{name}" for name in ORIGINS]
    rows = closings.values_list(*rules, "alert__fingerprint", "alert__close_reason")
    if CloseReason.UNSEEN in {row[:-1]: row[-1] for row in rows}.values():
        return EndReason.UNSEEN
    if last == CloseReason.RECOVERED:
        is_measured = closings.exclude(alert__metric="").exists()
        return EndReason.RECOVERED if is_measured else EndReason.TOLD
    return ENDS.get(last, EndReason.GONE)


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
    promise.not_owed(row, now)
    oncall.close_page(subject_ref=row.ref, now=now)
    tell_customers(row, lambda customer: over_words(customer, row.opened_at, now, reason), now)
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
