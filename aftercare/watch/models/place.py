"""Where a monitor looks: one app, or all apps of a customer."""

from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer


class Placed:
    """What monitors, sources and alerts share: `app` None stands for all apps of `customer`, those to come too.

    Without a customer it is about the provider's own systems.
    """

    app: App | None
    customer: Customer | None

    @property
    def place(self) -> str:
        """The app's name, or "All apps", beside which stands whose."""
        if self.app:
            return self.app.display_name
        return _("All apps") if self.customer else _("Our own systems")

    @property
    def place_in_full(self) -> str:
        """The place where nothing beside it says whose: "all apps of Starlight Show"."""
        if self.app:
            return self.app.display_name
        if self.customer is None:
            return _("our own systems")
        return _("all apps of %(customer)s") % {"customer": self.customer.display_name}
