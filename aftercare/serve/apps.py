from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import pgettext_lazy

from aftercare.web.nav import NavItem, register


class ServeConfig(AppConfig):
    name = "aftercare.serve"
    label = "serve"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """In a demo, put the try-it page in the rail."""
        if settings.IS_DEMO:
            # Models exist only now.
            from aftercare.serve.views import has_try_app

            register(
                NavItem(
                    "try", pgettext_lazy("door", "Try it"), "serve:try", order=5, letter="y", exists_for=has_try_app
                )
            )
