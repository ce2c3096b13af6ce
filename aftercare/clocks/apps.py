from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "calendar.add": _("Added a calendar"),
    "calendar.change": _("Changed a calendar"),
    "calendar.remove": _("Removed a calendar"),
}


class ClocksConfig(AppConfig):
    name = "aftercare.clocks"
    label = "clocks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Name the actions, and put a door in the rail for those who keep calendars."""
        name_actions(ACTIONS)
        register(
            NavItem(
                "calendars", _("Calendars"), "clocks:calendars", "manage_desk", side="provider", order=75, icon="clock"
            )
        )
