"""Reads that other rooms use."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from aftercare.accounts.models import User
from aftercare.notify.access import deliveries_for
from aftercare.notify.answers import ANSWERABLE, PEOPLE
from aftercare.notify.envelope import Credentials, credentials_of
from aftercare.notify.lengths import parts_of
from aftercare.notify.mail_tags import answered_at
from aftercare.notify.models import Channel, ContactMethod, Delivery
from aftercare.notify.outcome import in_readers_words
from aftercare.notify.quiet import disturbs, quiet_until
from aftercare.notify.reach import MAY_BUNDLE

__all__ = [
    "ANSWERABLE",
    "MAY_BUNDLE",
    "PEOPLE",
    "Credentials",
    "DeliveryFilter",
    "MeasuredReach",
    "answered_at",
    "credentials_of",
    "disturbs",
    "get_delivery",
    "in_readers_words",
    "ladder_is_cut_at",
    "ladders_are_cut_by",
    "list_deliveries",
    "needed_by",
    "needed_deliveries",
    "parts_of",
    "people_without_contacts",
    "quiet_until",
    "reach_is_told_by",
    "reach_of",
    "usable_contacts",
]


@dataclass(frozen=True)
class MeasuredReach:
    """One attempt to reach a person that was only a test: when, which way, and what came of it.

    `tone` is a state of the design, `words` in the reader's language, `reason` a msgid with a vendor's detail.
    """

    at: datetime
    way: str
    address: str
    tone: str
    words: str
    reason: str
    answered_at: datetime | None


Needed = Callable[[], "QuerySet[Any, Any]"]

_needed: list[Needed] = []
_cut_by: list[Callable[[], int]] = []
_reach_told_by: list[Callable[[User], list[MeasuredReach]]] = []


def reach_is_told_by(ask: Callable[[User], list[MeasuredReach]]) -> None:
    """An upper room says, when it starts, how it measures whether people are reached."""
    _reach_told_by.append(ask)


def reach_of(user: User) -> list[MeasuredReach]:
    """What was measured of this person, the newest first."""
    return sorted((one for ask in _reach_told_by for one in ask(user)), key=lambda one: one.at, reverse=True)


def ladders_are_cut_by(ask: Callable[[], int]) -> None:
    """An upper room says, when it starts, after how many seconds it wakes somebody else."""
    _cut_by.append(ask)


def ladder_is_cut_at() -> int | None:
    """When the next person may be woken, in seconds; None where nobody does."""
    return min((ask() for ask in _cut_by), default=None)


def needed_by(ask: Needed) -> None:
    """An upper room says, when it starts, which deliveries must not be forgotten: a queryset of their primary keys."""
    _needed.append(ask)


def needed_deliveries() -> list["QuerySet[Any, Any]"]:
    """What the rooms above still need, one queryset of primary keys each."""
    return [ask() for ask in _needed]


@dataclass(frozen=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed to; empty means all."""

    channel: str = ""
    state: str = ""
    words: str = ""


def list_deliveries(user: User, wanted: DeliveryFilter) -> "QuerySet[Delivery]":
    """What was sent to this person, narrowed, newest first."""
    deliveries = deliveries_for(user)
    if wanted.channel:
        deliveries = deliveries.filter(channel=wanted.channel)
    if wanted.state:
        deliveries = deliveries.filter(state=wanted.state)
    if wanted.words:
        deliveries = deliveries.filter(Q(title__icontains=wanted.words) | Q(body__icontains=wanted.words))
    return deliveries


def get_delivery(ref: str) -> Delivery | None:
    """The delivery with this reference; None where there is none any more."""
    return Delivery.objects.filter(ref=ref).first()


def usable_contacts(user: User) -> list[ContactMethod]:
    """The enabled and confirmed ways to reach a person.

    The console's push is always among them unless the person switched it off; its row is unsaved where it is only
    implied.
    """
    kept = list(ContactMethod.objects.filter(user=user))
    usable = [c for c in kept if c.enabled and c.verified]
    if not any(c.channel == Channel.PUSH for c in kept):
        usable.insert(0, ContactMethod(user=user, channel=Channel.PUSH, enabled=True, verified=True))
    return usable


def people_without_contacts(people: list[User]) -> list[User]:
    """Those of `people` whom nothing but an open console page would reach."""
    reached = set(
        ContactMethod.objects.filter(user__in=people, enabled=True, verified=True)
        .exclude(channel=Channel.PUSH)
        .values_list("user_id", flat=True)
    )
    return [person for person in people if person.pk not in reached]
