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
    "ticket.merged": _("Merged tickets"),
    "ticket.merge_undone": _("Undid a merge of tickets"),
    "ticket.split": _("Split a ticket"),
    "ticket.split_undone": _("Undid the split of a ticket"),
    "ticket.snoozed": _("Let a ticket sleep"),
    "ticket.woke": _("Woke a ticket up"),
    "ticket.tag": _("Tagged a ticket"),
    "ticket.field": _("Filled in a field of a ticket"),
    "ticket.watch": _("Began to watch a ticket"),
    "ticket.leave": _("Stopped watching a ticket"),
    "ticket.remind": _("Set a reminder for a ticket"),
    "ticket.parent": _("Put a ticket under a parent"),
    "field.change": _("Changed a field of tickets"),
    "view.save": _("Kept a view of the inbox"),
    "view.remove": _("Took a view of the inbox away"),
    "macro.save": _("Kept a macro"),
    "macro.remove": _("Took a macro away"),
    "ticket.rename": _("Renamed a ticket"),
    "ticket.severity": _("Graded a ticket"),
    "group.message": _("Spoke in a service group"),
    "group.add": _("Added a service group"),
    "group.change": _("Changed a service group"),
}


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's door in the rail."""
        name_actions(ACTIONS)
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
