from django.apps import AppConfig

from aftercare.accounts.events import PersonInvited
from aftercare.kernel.events import subscribe
from aftercare.notify.events import DeliverySent


class NotifyConfig(AppConfig):
    name = "aftercare.notify"
    label = "notify"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what became of tests, and to who is to be let in."""
        from aftercare.notify import subscriptions  # models can be imported only now

        subscribe(DeliverySent, subscriptions.on_delivery_sent)
        subscribe(PersonInvited, subscriptions.on_person_invited)
