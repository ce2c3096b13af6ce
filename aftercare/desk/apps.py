from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.events import PersonDeactivated, UserDataRequested
from aftercare.audit.words import name_actions
from aftercare.desk.events import MessagePosted, TicketOpened, TicketSolved
from aftercare.kernel.events import subscribe
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "ticket.open": _("Opened a ticket"),
    "ticket.reply": _("Replied in a ticket"),
    "ticket.note": _("Wrote an internal note"),
    "ticket.tell": _("Told a ticket what happened"),
    "ticket.claimed": _("Claimed a ticket"),
    "ticket.assigned": _("Handed a ticket over"),
    "ticket.solved": _("Marked a ticket solved"),
    "ticket.reopened": _("Opened a ticket again"),
    "ticket.closed": _("Confirmed and closed a ticket"),
    "ticket.rename": _("Renamed a ticket"),
    "ticket.severity": _("Graded a ticket"),
    "group.message": _("Spoke in a service group"),
    "group.add": _("Added a service group"),
    "group.change": _("Changed a service group"),
    "ticket.handed_over": _("Handed a ticket up a tier"),
    "ticket.returned": _("Brought a ticket back with an answer"),
    "ticket.needs": _("Said what a ticket needs"),
    "ticket.fields_asked": _("Asked a customer for what is needed to look"),
    "ticket.fields_answered": _("Filled in what was asked"),
    "ticket.facts_found": _("Filled fields from a session"),
    "log.move": _("Moved a request for an SDK log on"),
    "complaint.upload": _("Uploaded users' complaints"),
    "complaint.erase": _("Erased a user's complaints"),
    "call.log": _("Wrote down a phone call"),
    "call_back.promise": _("Promised to call back"),
    "call_back.done": _("Called back"),
    "defect.tell": _("Told a defect tracker"),
    "desk_account.add": _("Added a call centre or tracker"),
    "desk_account.enable": _("Took a call centre or tracker in use"),
    "desk_account.disable": _("Took a call centre or tracker out of use"),
    "agent.save": _("Said what a person takes"),
    "agent.remove": _("Took a person out of routing"),
    "expert.set": _("Named a customer's expert"),
    "presence.set": _("Came on, went away or off"),
}


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's door in the rail, and follow what moves."""
        # Models may only be imported once every app is there.
        from aftercare.desk import following, hearing, inward

        name_actions(ACTIONS)
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
        register(
            NavItem("complaints", _("Users' complaints"), "desk:complaints", "see_telemetry", "customer", 25, "tickets")
        )
        inward.read_with("webhook", hearing.read_webhook)
        subscribe(TicketOpened, following.follow_opening)
        subscribe(MessagePosted, following.follow_message)
        subscribe(TicketSolved, following.follow_solution)
        subscribe(PersonDeactivated, following.follow_leaving)
        subscribe(UserDataRequested, following.follow_erasure)
