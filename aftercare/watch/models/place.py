"""Where a monitor looks: one app, or all apps of a customer."""

from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer


class Placed:
    """What monitors and alerts share: `app` None stands for all apps of `customer`, those still to come too."""

    app: App | None
    customer: Customer

    @property
    def place(self) -> str:
        """The app's name, or "All apps", beside which stands whose."""
        return self.app.display_name if self.app else _("All apps")

    @property
    def place_in_full(self) -> str:
        """The place where nothing beside it says whose: "all apps of Starlight Show"."""
        if self.app:
            return self.app.display_name
        return _("all apps of %(customer)s") % {"customer": self.customer.display_name}
