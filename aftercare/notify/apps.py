from django.apps import AppConfig

from aftercare.kernel.events import subscribe
from aftercare.notify.events import DeliverySent


class NotifyConfig(AppConfig):
    name = "aftercare.notify"
    label = "notify"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what became of tests."""
        from aftercare.notify import subscriptions  # models can be imported only now

        subscribe(DeliverySent, subscriptions.on_delivery_sent)
