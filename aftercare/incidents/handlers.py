"""What incidents make of the events of the rooms below. Runs in the publisher's transaction: rows only."""

from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.desk.events import MessagePosted
from aftercare.desk.models import Side
from aftercare.incidents import actions
from aftercare.incidents.models import Incident, Kind
from aftercare.incidents.telling.engine import is_update
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused
from aftercare.oncall.events import PageAcknowledged, PageEscalated, PageHandedOver, PageResolveAsked, PagesDelivered
from aftercare.watch.events import AlertClosed, AlertOpened, AlertsClosed, AlertsOpened, AlertsRaised


def on_alert_opened(event: AlertOpened) -> None:
    """Open or join an incident."""
    actions.take_alerts(alert_ids=[event.alert_id], now=event.at)


def on_alerts_opened(event: AlertsOpened) -> None:
    """Open or join one incident with all of them."""
    actions.take_alerts(alert_ids=event.alert_ids, now=event.at)


def on_alerts_raised(event: AlertsRaised) -> None:
    """A warning's incident becomes red."""
    actions.worsen_alerts(alert_ids=event.alert_ids, now=event.at)


def on_alert_closed(event: AlertClosed) -> None:
    """Note the recovery; the last one resolves."""
    actions.close_alerts(alert_ids=[event.alert_id], now=event.at)


def on_alerts_closed(event: AlertsClosed) -> None:
    """Note all the recoveries in one line; the last one resolves."""
    actions.close_alerts(alert_ids=event.alert_ids, now=event.at)


def on_page_acknowledged(event: PageAcknowledged) -> None:
    """Somebody has it."""
    actions.mark_acknowledged(incident_ref=event.subject_ref, user_id=event.user_id, via="page", now=event.at)


def on_pages_delivered(event: PagesDelivered) -> None:
    """Write down whom the pages reached, by what, and when."""
    about = Incident.objects.filter(ref__in={one.subject_ref for one in event.reached})
    incidents = {incident.ref: incident for incident in about}
    people = User.objects.in_bulk({one.user_id for one in event.reached}) if incidents else {}
    for one in event.reached:
        if incident := incidents.get(one.subject_ref):
            actor = people.get(one.user_id)
            write_entry(incident, Kind.DELIVERED, now=event.at, actor=actor, channel=one.channel, page=one.page_id)


def on_page_escalated(event: PageEscalated) -> None:
    """Nobody took it in time, or somebody cannot: the next people are called."""
    actions.note_escalation(
        incident_ref=event.subject_ref, user_ids=event.user_ids, by_user_id=event.by_user_id, now=event.at
    )


def on_page_handed_over(event: PageHandedOver) -> None:
    """A certain colleague is called now."""
    actions.note_escalation(
        incident_ref=event.subject_ref,
        user_ids=[event.to_user_id],
        by_user_id=event.by_user_id,
        is_handed_over=True,
        now=event.at,
    )


def on_page_resolve_asked(event: PageResolveAsked) -> None:
    """Resolve the incident as on its page: with the same right, and refused while an alert of it is open."""
    incident = Incident.objects.filter(ref=event.subject_ref).first()
    if incident is None:
        return
    user = User.objects.get(pk=event.user_id)
    if not can(user, "act_on_incidents"):
        raise Refused(_("Your role cannot resolve incidents."))
    actions.resolve_incident(incident=incident, user=user, now=event.at)


def on_message_posted(event: MessagePosted) -> None:
    """Words of people in an incident's ticket are part of its story; internal notes stay at the desk."""
    message = event.message
    ticket = message.ticket
    if ticket is None or message.internal or message.side == Side.SYSTEM or not ticket.incident_ref:
        return
    incident = Incident.objects.filter(ref=ticket.incident_ref).first()
    if incident is not None and not is_update(incident, message):
        kind = Kind.CUSTOMER_REPLIED if message.side == Side.CUSTOMER else Kind.PROVIDER_REPLIED
        write_entry(
            incident,
            kind,
            now=event.at,
            actor=message.author,
            customer_id=ticket.customer_id,
            number=ticket.number,
            ticket=ticket.ref,
        )
