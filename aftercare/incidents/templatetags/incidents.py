"""Tags of incidents: `{% load incidents %}`."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.incidents.models import NOT_RECOVERED, Incident, Status
from aftercare.web.render import states

register = template.Library()

TONES = {Status.OPEN: "breached", Status.ACKNOWLEDGED: "warning", Status.RESOLVED: "resolved"}


@register.simple_tag
def incident_status(incident: Incident, reader: User) -> SafeString:
    """The incident's state as a badge; a customer reads that we know of it, not who has yet to wake up."""
    status = Status(incident.status)
    word = _("being looked at") if status == Status.OPEN and not reader.is_provider else str(status.label)
    if incident.end_reason in NOT_RECOVERED:
        word = _("closed")
    if incident.merged_into_id is not None:
        word = _("merged")
    return states.state(TONES[status], word)
