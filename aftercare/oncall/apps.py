from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.events import subscribe
from aftercare.notify.events import DeliveryFailed, DeliverySent
from aftercare.web.nav import NavItem, register


class OncallConfig(AppConfig):
    name = "aftercare.oncall"
    label = "oncall"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what becomes of our messages, and put a door in the rail."""
        from aftercare.notify.queries import needed_by  # models can be imported only now
        from aftercare.oncall import subscriptions
        from aftercare.oncall.queries import deliveries_of_live_pages

        needed_by(deliveries_of_live_pages)
        subscribe(DeliverySent, subscriptions.on_delivery_sent)
        subscribe(DeliveryFailed, subscriptions.on_delivery_failed)
        register(NavItem("oncall", _("On call"), "oncall:oncall", side="provider", order=40, letter="o"))
