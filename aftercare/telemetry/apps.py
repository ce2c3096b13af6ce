from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.events import UserDataRequested
from aftercare.audit.words import name_actions
from aftercare.kernel.events import subscribe
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "resource.add": _("Put a resource on the map"),
    "resource.serve": _("Tied a resource to a customer"),
    "resource.unserve": _("Took a resource from a customer"),
    "scrape_target.add": _("Added a scrape target"),
    "scrape_target.edit": _("Changed a scrape target"),
    "scrape_target.pause": _("Paused a scrape target"),
    "scrape_target.remove": _("Removed a scrape target"),
    "scrape_target.resume": _("Resumed a scrape target"),
    "user_data.download": _("Downloaded a user's data"),
}


class TelemetryConfig(AppConfig):
    name = "aftercare.telemetry"
    label = "telemetry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put this room's doors in the rail and take requests about end users' data."""
        # Models may only be imported once every app is there.
        from aftercare.telemetry.events import take_user_data_request

        name_actions(ACTIONS)
        register(NavItem("apps", _("Apps"), "telemetry:apps", "see_telemetry", "both", 15, "apps", "a"))
        register(
            NavItem("resources", _("Resources"), "telemetry:resources", "see_telemetry", "provider", 65, "design", "r")
        )
        subscribe(UserDataRequested, take_user_data_request)
