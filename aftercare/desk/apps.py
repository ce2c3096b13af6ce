from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
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
    "chat.begin": _("Began to chat"),
    "chat.widget.add": _("Added a chat widget"),
    "chat.widget.change": _("Changed a chat widget"),
    "chat.widget.secret": _("Renewed a chat widget's secret"),
    "presence.set": _("Came to the desk, or left it"),
    "presence.silent": _("Was taken off the desk: the console went silent"),
}


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's doors in the rail, and hear of what happens in chats."""
        from aftercare.desk import subscriptions  # models can be imported only now
        from aftercare.desk.events import MessagePosted, TicketSolved

        name_actions(ACTIONS)
        subscribe(MessagePosted, subscriptions.on_message_posted)
        subscribe(TicketSolved, subscriptions.on_ticket_solved)
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
        register(
            NavItem("chat", _("Web chat"), "desk:chat_widgets", "manage_accounts", "provider", order=75, icon="tickets")
        )
