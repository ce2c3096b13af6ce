"""Where an incident went, and what went into one, as far as somebody may see them."""

from aftercare.accounts.models import User
from aftercare.incidents.access import incidents_for
from aftercare.incidents.models import Incident


def home_of(user: User, incident: Incident) -> Incident | None:
    """The incident that this one was merged into; None where it was not, or `user` may not see it."""
    return incidents_for(user).filter(pk=incident.merged_into_id).first() if incident.merged_into_id else None


def merged_into(user: User, incident: Incident) -> list[Incident]:
    """What was merged into this one, the oldest first; a customer's people see those that touched them."""
    return list(incidents_for(user).filter(merged_into=incident).order_by("opened_at", "pk"))
