from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
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
    "mail.place": _("Placed a mail with a customer"),
    "mail.drop": _("Put a mail away"),
    "mail.domain": _("Gave a mail domain to a customer"),
    "mail.domain_removed": _("Took a mail domain from a customer"),
    "mailbox.add": _("Added a mailbox"),
    "mailbox.change": _("Changed a mailbox"),
    "mailbox.open": _("Ended a mailbox's import"),
}


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's doors in the rail, and read what its ways in hear."""
        from aftercare.desk.inward import read_with  # models can be imported only now
        from aftercare.desk.mail.reading import read_mail

        read_with("email", read_mail)
        name_actions(ACTIONS)
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
        register(
            NavItem(
                "mails", _("Mails to place"), "desk:aside_mails", "reply_to_tickets", "provider", 22, "notifications"
            )
        )
