"""The filters of the inbox, read from an address and as the page shows them."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from aftercare.accounts.access import customers_for
from aftercare.accounts.models import User
from aftercare.desk.filtering import filter_from, whose
from aftercare.desk.kinds import kind_choices
from aftercare.desk.models import Severity, Status, Tag, Way
from aftercare.desk.queries import InboxFilter

# A list of all customers is as long as it is useless; a search finds them by name.
CUSTOMERS_LISTED = 200
TAGS_LISTED = 200


def filter_of(request: HttpRequest) -> InboxFilter:
    """What the address asks for; a status or severity that does not exist narrows nothing."""
    return filter_from(texts_of(request.GET))


def texts_of(asked: QueryDict) -> dict[str, str]:
    """Names and texts of a form or an address, without what no text holds."""
    return {name: str(text).replace("\x00", "").strip() for name, text in asked.items()}


def filters_of(user: User, wanted: InboxFilter) -> list[dict[str, Any]]:
    """The filters of the reader's side, as the page shows them."""
    statuses = [("unsettled", _("not settled")), *Status.choices, ("", _("all"))]
    if user.is_provider:
        statuses.insert(-1, ("snoozed", _("snoozed")))
    filters = [
        choice("status", _("Status"), wanted.status, statuses),
        choice("severity", _("Severity"), wanted.severity, [("", _("any")), *Severity.choices]),
    ]
    if user.is_provider:
        filters += [
            choice("customer", _("Customer"), wanted.customer, [("", _("any")), *customers_listed(user, wanted)]),
            choice("way", _("Way in"), wanted.way, [("", _("any")), *Way.choices], is_rare=True),
            choice("tag", _("Tag"), wanted.tag, [("", _("any")), *tags_listed(wanted)], is_rare=True),
        ]
    mine = [("", _("everybody's")), ("1", _("mine")), ("followed", _("those I follow"))]
    kinds = [("", _("any")), *kind_choices()]
    return [
        *filters,
        choice("mine", _("Whose"), whose(wanted), mine, is_rare=user.is_provider),
        choice("kind", _("Kind of problem"), wanted.kind, kinds, is_rare=user.is_provider),
    ]


def choice(
    name: str, label: str, value: str, choices: list[tuple[str, Any]], *, is_rare: bool = False
) -> dict[str, Any]:
    """One filter as the component takes it; a rare one shows itself while it is set."""
    return {"name": name, "label": label, "value": value, "choices": choices, "is_rare": is_rare and not value}


def customers_listed(user: User, wanted: InboxFilter) -> list[tuple[str, str]]:
    """The first customers by name, and the one that is chosen."""
    known = customers_for(user).only("ref", "name", "name_zh")
    listed = list(known[:CUSTOMERS_LISTED])
    if wanted.customer and wanted.customer not in [customer.ref for customer in listed]:
        listed += known.filter(ref=wanted.customer)
    return [(customer.ref, customer.display_name) for customer in listed]


def tags_listed(wanted: InboxFilter) -> list[tuple[str, str]]:
    """The tags that there are, and the one that is chosen."""
    names = list(Tag.objects.values_list("name", flat=True)[:TAGS_LISTED])
    if wanted.tag and wanted.tag.lower() not in [name.lower() for name in names]:
        names.append(wanted.tag)
    return [(name, name) for name in names]
