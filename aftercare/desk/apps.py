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
    "group.hand_over": _("Handed a reply to the WeCom sidebar"),
    "wecom.add": _("Added a WeCom account"),
    "wecom.change": _("Changed a WeCom account"),
    "contact.link": _("Linked a WeCom user with a colleague"),
    "matrix.add": _("Connected a Matrix homeserver"),
    "matrix.registration": _("Took a Matrix registration file"),
}


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's door in the rail, and say who reads which vendor's messages."""
        from aftercare.desk.inward import read_with  # models can be imported only now
        from aftercare.desk.vendors import matrix, wecom_customer, wecom_kf

        read_with("matrix", matrix.read)
        read_with("wecom_customer", wecom_customer.read)
        read_with("wecom_kf", wecom_kf.read)
        name_actions(ACTIONS)
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
