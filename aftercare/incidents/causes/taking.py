"""What happens to an incident when its cause becomes known, or turns out to be wider."""

from datetime import datetime

from aftercare.incidents.actions.recording import record
from aftercare.incidents.causes.words import name_of
from aftercare.incidents.models import TOLD_TO_CUSTOMERS, Incident, Kind
from aftercare.incidents.timeline import write_entry
from aftercare.telemetry.models import Resource
from aftercare.watch.models import Alert
from aftercare.web.languages import in_both


def take_over(incident: Incident, cause: Resource, alert: Alert, now: datetime) -> None:
    """Make the place's incident, which is minutes old, the cause's: it is no longer about the place alone.

    What its story told everybody was told to the one customer that it touched until now, and stays theirs.
    """
    if alert.customer_id is not None:
        told = incident.timeline.filter(customer__isnull=True, kind__in=TOLD_TO_CUSTOMERS)
        told.update(customer=alert.customer_id)
    incident.app = incident.customer = None
    incident.cause = cause
    incident.save(update_fields=["app", "customer", "cause"])
    note_located(incident, cause, now)


def note_located(incident: Incident, cause: Resource, now: datetime) -> None:
    """The line that says where it sits; the provider's own business."""
    name, name_zh = in_both(lambda: name_of(cause))
    write_entry(incident, Kind.LOCATED, now=now, sentence=name, sentence_zh=name_zh, resource=cause.ref)
    record("incident.locate", incident, None, {"resource": cause.ref}, now)


def widen(incident: Incident, cause_id: int, now: datetime) -> None:
    """The incident is about more than it was first seen at: the whole that its cause is part of. It pages nobody."""
    if incident.cause_id == cause_id:
        return
    cause = Resource.objects.get(pk=cause_id)
    incident.cause = cause
    incident.save(update_fields=["cause"])
    name, name_zh = in_both(lambda: name_of(cause))
    write_entry(incident, Kind.WIDENED, now=now, sentence=name, sentence_zh=name_zh, resource=cause.ref)
    record("incident.widen", incident, None, {"resource": cause.ref}, now)
