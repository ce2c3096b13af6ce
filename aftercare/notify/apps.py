from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.events import PersonInvited
from aftercare.audit.words import name_actions
from aftercare.kernel.events import subscribe
from aftercare.notify.events import DeliveriesSent
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "webhook.add": _("Added a webhook"),
    "webhook.enable": _("Put a webhook into use"),
    "webhook.disable": _("Took a webhook out of use"),
    "webhook.remove": _("Removed a webhook"),
    "webhook.replay": _("Told a webhook again"),
    "account.add": _("Added an account with a vendor"),
    "account.change": _("Changed an account with a vendor"),
    "account.quiet": _("Began an import: nothing goes out"),
    "account.loud": _("Ended an import"),
    "account.try": _("Sent a test by an account with a vendor"),
    "contact.add": _("Added a way to be reached"),
    "contact.test": _("Sent a test to a way to be reached"),
    "contact.confirm": _("Confirmed a way to be reached"),
    "contact.enable": _("Put a way to be reached into use"),
    "contact.disable": _("Took a way to be reached out of use"),
    "contact.rung": _("Changed when a way to be reached is used"),
    "contact.remove": _("Removed a way to be reached"),
}


class NotifyConfig(AppConfig):
    name = "aftercare.notify"
    label = "notify"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what became of tests, and to who is to be let in; name what people do."""
        from aftercare.notify import subscriptions  # models can be imported only now

        name_actions(ACTIONS)
        register(NavItem("channels", _("Channels"), "", "", "provider", 75, "notifications"))
        every = NavItem(
            "accounts", _("All accounts"), "notify:accounts", "manage_desk", "provider", 0, behind="channels"
        )
        register(every)
        register(NavItem("webhooks", _("Webhooks"), "notify:webhooks", "manage_keys", "both", 82, "keys"))
        subscribe(DeliveriesSent, subscriptions.on_deliveries_sent)
        subscribe(PersonInvited, subscriptions.on_person_invited)
