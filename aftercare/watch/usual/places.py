"""Where a customer's days begin and end, and which of them are holidays."""

from collections.abc import Collection
from datetime import date, datetime

from aftercare.accounts.models import Customer
from aftercare.clocks.queries import free_days

UTC_ZONE = "UTC"


class Places:
    """The zones and holidays of customers, read once a day and for customers that are new."""

    def __init__(self) -> None:
        self._zones: dict[int, str] = {}
        self._free: tuple[str, frozenset[date], frozenset[date]] = (UTC_ZONE, frozenset(), frozenset())
        self._day: date | None = None

    def refresh(self, customers: Collection[int], now: datetime) -> None:
        """Read what is not known of these customers."""
        if self._day == now.date() and self._zones.keys() >= set(customers):
            return
        self._zones = dict(Customer.objects.filter(pk__in=customers).values_list("pk", "timezone"))
        self._free = free_days(around=now.date())
        self._day = now.date()

    def of(self, customer_id: int) -> tuple[str, frozenset[date], frozenset[date]]:
        """The customer's zone, and the holidays and make-up working days (调休) there.

        They are those of the provider's default calendar, for customers that live in its zone; of other countries'
        holidays nothing is known, and their days count by their weekday.
        """
        zone = self._zones.get(customer_id, UTC_ZONE)
        own, off, made_up = self._free
        return (zone, off, made_up) if zone == own else (zone, frozenset(), frozenset())
