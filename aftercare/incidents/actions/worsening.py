"""An alert that was a warning is red now."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from aftercare.incidents.actions.locking import held, hold_place
from aftercare.incidents.actions.opening import rise, tell_ticket_worse
from aftercare.incidents.actions.reopening import open_again
from aftercare.incidents.models import IncidentAlert, IncidentCustomer, Status
from aftercare.incidents.noise.holding import look_again
from aftercare.watch.models import Alert, Severity


@transaction.atomic
def worsen_alerts(*, alert_ids: Sequence[int], now: datetime) -> None:
    """Raise each incident that these alerts of one origin make worse, and its page with it. Twice counts once.

    One that was ended by hand while the alert lasts is opened again at once: what was ended was a warning.
    """
    first = Alert.objects.filter(pk__in=alert_ids).first()
    if first is None:
        return
    hold_place(first)
    look_again(alert_ids=alert_ids, now=now)  # who silenced a warning did not mean this
    links = IncidentAlert.objects.filter(alert__in=alert_ids, alert__severity=Severity.RED)
    links = links.select_related("incident", "alert__app", "alert__customer").order_by("incident_id", "pk")
    worst: dict[str, IncidentAlert] = {}
    for link in links:
        worst.setdefault(link.incident.ref, link)
    for ref, link in worst.items():
        hold_place(link.alert)
        incident = held(ref)
        if incident is None:
            continue
        if incident.status == Status.RESOLVED and incident.severity == Severity.WARNING:
            open_again(incident, link, now)
        elif incident.status != Status.RESOLVED and rise(incident, link.alert, now):
            # What is worse is one customer's, and nobody else's business.
            told = IncidentCustomer.objects.filter(incident=incident, customer=link.alert.customer_id)
            for touched in told.select_related("ticket__customer"):
                if touched.ticket is not None:
                    tell_ticket_worse(touched.ticket, link.alert, now)
