from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.clocks.events import ClockReached
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
    "ticket.rate": _("Rated a solution"),
    "ticket.follow": _("Followed a ticket"),
    "ticket.unfollow": _("Stopped following a ticket"),
    "ticket.tell_apart": _("Told two tickets apart"),
    "ticket.export": _("Exported tickets"),
    "call_back.plan": _("Planned a call-back"),
    "call_back.record": _("Recorded a call-back"),
    "group.message": _("Spoke in a service group"),
    "group.add": _("Added a service group"),
    "group.change": _("Changed a service group"),
}


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's door in the rail, and tell programs what happens."""
        from aftercare.desk import telling  # models can be imported only now
        from aftercare.notify.webhooks import name_kinds

        name_kinds(telling.KINDS)
        subscribe(TicketOpened, telling.on_ticket_opened)
        subscribe(TicketSolved, telling.on_ticket_solved)
        subscribe(MessagePosted, telling.on_message_posted)
        """Put the desk's door in the rail, and listen to the clocks."""
        from aftercare.desk import subscriptions  # models can be imported only now

        name_actions(ACTIONS)
        subscribe(ClockReached, subscriptions.on_clock_reached)
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
