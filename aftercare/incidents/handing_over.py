"""What whoever comes on duty must know of incidents, for the note of their shift."""

from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from aftercare.incidents.models import Incident, Kind, Status, TimelineEntry

INCIDENTS_TOLD, NOTES_TOLD = 20, 3


def lines(now: datetime) -> list[str]:
    """Every incident that goes on, with what people wrote about it last."""
    written = TimelineEntry.objects.filter(kind=Kind.NOTE, at__lte=now).select_related("actor").order_by("-at", "-pk")
    going_on = Incident.objects.exclude(status=Status.RESOLVED).select_related("acknowledged_by", "app", "customer")
    found = going_on.order_by("severity", "opened_at").prefetch_related(Prefetch("timeline", written, "written"))
    told = []
    for incident in found[:INCIDENTS_TOLD]:
        told.append(f"- {incident.display_title} ({incident.place}): {incident.get_status_display()}")
        for entry in getattr(incident, "written")[:NOTES_TOLD]:  # noqa: B009 - made by the prefetch
            name = entry.actor.name if entry.actor else _("The system")
            told.append(f"  - {name}: {entry.data.get('text', '')}")
    return [_("Incidents that go on:"), *told] if told else []
