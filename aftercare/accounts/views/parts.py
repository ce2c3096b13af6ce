"""Parts of a customer's page that belong to upper rooms: registered by them, loaded by URL."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from aftercare.accounts.models import Customer


@dataclass(frozen=True)
class CustomerPart:
    """A part with its heading and the name of the URL that draws it for a customer's ref."""

    title: str | Promise
    url_name: str


@dataclass(frozen=True)
class LoadedPart:
    """A part's heading and address for one customer."""

    title: str
    url: str


_parts: list[CustomerPart] = []


def add_customer_part(part: CustomerPart) -> None:
    """Put a part on every customer's page; adding it twice counts once. Its URL takes the customer's ref alone."""
    if part not in _parts:
        _parts.append(part)


def parts_for(customer: Customer) -> list[LoadedPart]:
    """The parts of this customer's page, in the order they were added."""
    return [LoadedPart(str(part.title), reverse(part.url_name, args=[customer.ref])) for part in _parts]
