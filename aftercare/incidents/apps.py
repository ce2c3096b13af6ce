from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.desk.events import MessagePosted
from aftercare.kernel.events import subscribe
from aftercare.oncall.events import PageAcknowledged, PageEscalated, PagesDelivered
from aftercare.watch.events import AlertClosed, AlertOpened, AlertsClosed, AlertsOpened, AlertsRaised
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "incident.open": _("Opened an incident"),
    "incident.join": _("Joined an alert to an incident"),
    "incident.acknowledge": _("Acknowledged an incident"),
    "incident.note": _("Wrote a note on an incident"),
    "incident.resolve": _("Resolved an incident"),
    "incident.reopen": _("Opened an incident again"),
}


class IncidentsConfig(AppConfig):
    name = "aftercare.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the rooms below and put two doors in the rail."""
        from aftercare.incidents import handing_over, handlers  # models can be imported only now
        from aftercare.oncall.queries import told_in_notes

        subscribe(AlertOpened, handlers.on_alert_opened)
        subscribe(AlertClosed, handlers.on_alert_closed)
        subscribe(AlertsOpened, handlers.on_alerts_opened)
        subscribe(AlertsRaised, handlers.on_alerts_raised)
        subscribe(AlertsClosed, handlers.on_alerts_closed)
        subscribe(PageAcknowledged, handlers.on_page_acknowledged)
        subscribe(PagesDelivered, handlers.on_pages_delivered)
        subscribe(PageEscalated, handlers.on_page_escalated)
        subscribe(MessagePosted, handlers.on_message_posted)
        told_in_notes(handing_over.lines)
        name_actions(ACTIONS)
        register(NavItem("now", _("Now"), "incidents:now", side="both", order=0, letter="n"))
        register(NavItem("incidents", _("Incidents"), "incidents:incidents", side="both", order=10, letter="i"))
