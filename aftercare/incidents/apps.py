from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.clocks.events import ClockBreached, ClockReached
from aftercare.clocks.words import name_kinds
from aftercare.desk.events import MessagePosted
from aftercare.kernel.events import subscribe
from aftercare.oncall.events import PageAcknowledged, PageEscalated, PageHandedOver, PageResolveAsked, PagesDelivered
from aftercare.watch.events import AlertClosed, AlertOpened, AlertsClosed, AlertsOpened, AlertsRaised
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "incident.open": _("Opened an incident"),
    "incident.join": _("Joined an alert to an incident"),
    "incident.acknowledge": _("Acknowledged an incident"),
    "incident.note": _("Wrote a note on an incident"),
    "incident.resolve": _("Resolved an incident"),
    "incident.reopen": _("Opened an incident again"),
    "incident.declare": _("Opened an incident by hand"),
    "incident.customer_add": _("Noted that an incident touches a customer"),
    "incident.customer_remove": _("Noted that an incident does not touch a customer"),
    "incident.role": _("Gave a role in an incident"),
    "incident.mitigate": _("Noted that an incident's effect stopped"),
    "incident.task": _("Set a task in an incident"),
    "incident.task_done": _("Finished a task of an incident"),
    "incident.update": _("Told customers about an incident"),
    "incident.locate": _("Found the cause of an incident"),
    "incident.widen": _("Found an incident's cause wider than it was"),
    "incident.customer_spare": _("Noted that an incident does not touch a customer of its cause"),
}

# Everything about trouble stands behind one door of the rail, in the order of use.
TABS = (NavItem("all_incidents", _("Incidents"), "incidents:incidents", side="both", order=0, behind="incidents"),)


class IncidentsConfig(AppConfig):
    name = "aftercare.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the rooms below and put two doors in the rail."""
        from aftercare.incidents import handing_over, handlers  # models can be imported only now
        from aftercare.incidents.telling import promise
        from aftercare.oncall.queries import told_in_notes

        subscribe(AlertOpened, handlers.on_alert_opened)
        subscribe(AlertClosed, handlers.on_alert_closed)
        subscribe(AlertsOpened, handlers.on_alerts_opened)
        subscribe(AlertsRaised, handlers.on_alerts_raised)
        subscribe(AlertsClosed, handlers.on_alerts_closed)
        subscribe(PageAcknowledged, handlers.on_page_acknowledged)
        subscribe(PagesDelivered, handlers.on_pages_delivered)
        subscribe(PageEscalated, handlers.on_page_escalated)
        subscribe(ClockReached, promise.on_clock_reached)
        subscribe(ClockBreached, promise.on_clock_breached)
        name_kinds({promise.UPDATE_CLOCK: promise.LABEL})
        subscribe(PageHandedOver, handlers.on_page_handed_over)
        subscribe(PageResolveAsked, handlers.on_page_resolve_asked)
        subscribe(MessagePosted, handlers.on_message_posted)
        told_in_notes(handing_over.lines)
        name_actions(ACTIONS)
        register(NavItem("now", _("Now"), "incidents:now", side="both", order=0, letter="n"))
        register(NavItem("incidents", _("Incidents"), "", side="both", order=10, letter="i"))
        for tab in TABS:
            register(tab)
