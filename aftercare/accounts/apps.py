from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.web import nav

ACTIONS = {
    "app.create": _("Added an app"),
    "app.edit": _("Changed an app"),
    "customer.create": _("Added a customer"),
    "customer.edit": _("Changed a customer"),
    "key.issue": _("Issued a key"),
    "key.revoke": _("Revoked a key"),
    "key.rotate": _("Rotated a key"),
    "key.callback": _("Set whose callbacks a key takes"),
    "person.deactivate": _("Deactivated a person"),
    "person.edit": _("Changed own settings"),
    "person.invite": _("Invited a person"),
    "person.join": _("Accepted an invitation"),
    "person.link": _("Made a new password link"),
    "person.reactivate": _("Reactivated a person"),
    "person.role": _("Changed a role"),
    "person.factor_add": _("Added a way to sign in"),
    "person.factor_remove": _("Removed a way to sign in"),
    "person.factor_reset": _("Made new recovery codes"),
    "person.password": _("Changed own password"),
    "person.sign_in": _("Signed in"),
    "person.sign_in_failed": _("A sign-in failed"),
    "token.issue": _("Made an API token"),
    "token.revoke": _("Revoked an API token"),
    "user_data.done": _("Finished a request about a user's data"),
    "user_data.erase": _("Asked to erase a user's data"),
    "user_data.export": _("Asked to export a user's data"),
}


class AccountsConfig(AppConfig):
    name = "aftercare.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from aftercare.accounts.access import can
        from aftercare.accounts.sign_in import listen_to_allauth

        name_actions(ACTIONS)
        listen_to_allauth()
        nav.use_gate(can)
        nav.register(
            nav.NavItem(
                "customers", _("Customers"), "accounts:customers", "see_customers", "provider", 60, "customers", "c"
            )
        )
        nav.register(nav.NavItem("company", _("Our company"), "accounts:company", "", "customer", 70, "customers", "c"))
        nav.register(nav.NavItem("keys", _("Ingest keys"), "accounts:keys", "manage_keys", "both", 80, "keys", "k"))
        nav.register(
            nav.NavItem("staff", _("Our people"), "accounts:staff", "manage_staff", "provider", 85, "people", "p")
        )
        nav.register(nav.NavItem("audit", _("Audit"), "accounts:audit", "see_audit", "provider", 90, "audit", "u"))
