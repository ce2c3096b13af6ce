from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.web.nav import NavItem, register


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the desk's door in the rail."""
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=20, letter="t"))
