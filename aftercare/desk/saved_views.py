"""The views of the inbox that a person has, and how many tickets each holds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.filtering import filter_from
from aftercare.desk.inbox import count_of
from aftercare.desk.models import SavedView
from aftercare.desk.queries import InboxFilter

COUNT_LASTS_S = 15  # counts of the same view are shared by everybody who looks within this time
LISTED = 40


@dataclass(frozen=True)
class View:
    """Filters under a name; `key` is a word for what everybody has, else the saved view's ref."""

    key: str
    name: str
    filter: InboxFilter
    is_own: bool = False
    is_shared: bool = False


def saved_views_for(user: User) -> QuerySet[SavedView]:
    """A person's own views and the shared ones; customers have none."""
    if user.customer_id is not None:
        return SavedView.objects.none()
    return SavedView.objects.filter(Q(owner=user) | Q(is_shared=True))


def list_views(user: User) -> list[View]:
    """What everybody needs, then what people saved."""
    ready = [
        View("all", _("Unsettled"), InboxFilter()),
        View("unclaimed", _("Unclaimed"), InboxFilter(assignee="none")),
        View("mine", _("Mine"), InboxFilter(mine=True)),
        View("snoozed", _("Snoozed"), InboxFilter(status="snoozed")),
    ]
    saved = saved_views_for(user)[:LISTED]
    kept = [
        View(view.ref, view.name, filter_from(view.filters), view.owner_id == user.pk, view.is_shared) for view in saved
    ]
    return [*ready, *kept]


def counts_of(user: User, views: Mapping[str, InboxFilter]) -> dict[str, int]:
    """How many tickets each of these filters holds for this person, by its key; at most COUNT_LASTS_S old."""
    keys = {key: count_key(user, wanted) for key, wanted in views.items()}
    known = cache.get_many(keys.values())
    fresh = {keys[key]: count_of(user, wanted) for key, wanted in views.items() if keys[key] not in known}
    cache.set_many(fresh, COUNT_LASTS_S)
    return {key: (known | fresh)[kept] for key, kept in keys.items()}


def count_key(user: User, wanted: InboxFilter) -> str:
    """Whom a count is shared by: everybody, unless it is about one person's own."""
    whose = user.ref if wanted.mine or wanted.followed else "all"
    return f"desk-view:{hash_of(wanted)}:{whose}"


def hash_of(wanted: InboxFilter) -> str:
    """A key's worth of the filter: a cache takes no blanks and no Chinese."""
    return hashlib.sha256(repr(wanted).encode()).hexdigest()
