"""What people wrote into an incident's timeline, as the first draft of its post-mortem has it."""

from aftercare.incidents.models import Annotation, Incident, Kind
from aftercare.incidents.review.duty import zone_of_provider

MOST, LONGEST = 100, 8_000


def noted_in(incident: Incident) -> str:
    """A line for each note and each annotation, the oldest first, by the time of what it is about, in the provider's
    zone: "20:07 Lin: I restarted edge 3". Colleagues read it; customers do not unless somebody decides so.
    """
    notes = incident.timeline.filter(kind=Kind.NOTE).select_related("actor")
    said = [(one.at, one.pk, one.actor.name if one.actor else "", one.data.get("text", "")) for one in notes]
    written = Annotation.objects.filter(entry__incident=incident, withdrawn_at=None).select_related("author", "entry")
    said += [(one.entry.at, one.entry_id, one.author.name, one.text) for one in written.order_by("at", "pk")]
    zone = zone_of_provider(incident.opened_at)
    said.sort(key=lambda one: one[:2])
    lines = [f"{at.astimezone(zone):%H:%M} {name}: {' '.join(text.split())}" for at, _pk, name, text in said[:MOST]]
    return "\n".join(lines)[:LONGEST]
