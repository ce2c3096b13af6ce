from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from aftercare.web.nav import NavItem, register


class ServeConfig(AppConfig):
    name = "aftercare.serve"
    label = "serve"

    def ready(self) -> None:
        """In a demo, put the try-it page in the rail."""
        if settings.IS_DEMO:
            register(NavItem("try", _("Try it"), "serve:try", side="both", order=5, letter="y"))
