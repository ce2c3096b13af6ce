"""Reading changes: lists, weeks, one change, and what it touches."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from aftercare.accounts.models import Customer, User
from aftercare.incidents.assurance.freezing import freezing_events
from aftercare.incidents.changes.access import changes_for
from aftercare.incidents.changes.freezing import freeze_of_event
from aftercare.incidents.changes.scope import affected
from aftercare.incidents.changes.story import active
from aftercare.incidents.changes.words import step_sentence
from aftercare.incidents.models import (
    ENDED,
    Answer,
    Change,
    ChangeCustomer,
    ChangeNotice,
    ChangeState,
    ChangeStep,
    Freeze,
    FreezeScope,
)

WEEKS = 5
WHICH = ("open", "ended")


@dataclass(frozen=True)
class Day:
    """One day of the calendar with what happens on it."""

    date: date
    is_today: bool
    changes: list[Change]
    freezes: list[Freeze]


@dataclass(frozen=True)
class Standing:
    """A customer that a change touches, with its notices: the last that was told, and the next to come."""

    touched: ChangeCustomer
    told: ChangeNotice | None
    coming: list[ChangeNotice]
    failing: ChangeNotice | None


def list_changes(user: User, which: str = "open") -> QuerySet[Change]:
    """What `user` may see: "open" the nearest begin first, "ended" the newest first; with how many have answered."""
    changes = changes_for(user)
    if user.is_provider:
        here = Q(customers__removed_at=None)
        confirmed = here & Q(customers__answer=Answer.CONFIRM, customers__answer_window=F("window"))
        changes = changes.annotate(
            touched=Count("customers", filter=here, distinct=True),
            confirmed=Count("customers", filter=confirmed, distinct=True),
        )
    ended = which == "ended"
    changes = changes.filter(state__in=ENDED) if ended else changes.exclude(state__in=ENDED)
    return changes.order_by("-starts_at", "-pk") if ended else changes.order_by("starts_at", "pk")


def weeks_of(user: User, first: date, zone: tzinfo, today: date) -> list[list[Day]]:
    """WEEKS weeks from the Monday before `first` on, in `zone`: what is planned, runs or ran, and freezes."""
    monday = first - timedelta(days=first.weekday())
    start = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
    end = start + timedelta(weeks=WEEKS, days=1)
    planned = changes_for(user).exclude(state__in=(ChangeState.CANCELLED, ChangeState.POSTPONED))
    changes = list(planned.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at", "pk"))
    freezes = list(list_freezes(user).filter(starts_at__lt=end, ends_at__gt=start))
    freezes += [freeze_of_event(one) for one in freezing_events(start, end)] if user.is_provider else []
    days = [monday + timedelta(days=n) for n in range(7 * WEEKS)]
    told = [
        Day(
            day,
            day == today,
            [one for one in changes if falls_on(one, day, zone)],
            [one for one in freezes if falls_on(one, day, zone)],
        )
        for day in days
    ]
    return [told[n : n + 7] for n in range(0, len(told), 7)]


def falls_on(span: Change | Freeze, day: date, zone: tzinfo) -> bool:
    """Whether some of it is on that day."""
    last = span.ends_at - timedelta(microseconds=1)
    return span.starts_at.astimezone(zone).date() <= day <= last.astimezone(zone).date()


def list_freezes(user: User) -> QuerySet[Freeze]:
    """The freezes that hold; none for customers' people."""
    freezes = Freeze.objects.filter(lifted_at=None) if user.is_provider else Freeze.objects.none()
    return freezes.prefetch_related("regions", "customers", "breakers").order_by("starts_at", "pk")


def freeze_about(freeze: Freeze) -> str:
    """What it is about, by names; "" for everything."""
    named = {FreezeScope.REGIONS: freeze.regions, FreezeScope.CUSTOMERS: freeze.customers}
    rows = named.get(FreezeScope(freeze.scope))
    return ", ".join(str(one) for one in rows.all()) if rows is not None else ""


def standings(change: Change) -> list[Standing]:
    """Each customer that it touches with its notices; whoever asks to postpone first, then who has not answered."""
    rows = active(change)
    notices: dict[int, list[ChangeNotice]] = {row.pk: [] for row in rows}
    for notice in ChangeNotice.objects.filter(touched__in=notices, dropped_at=None).order_by("planned_at", "pk"):
        notices[notice.touched_id].append(notice)
    found = [standing(row, notices[row.pk]) for row in rows]
    return sorted(found, key=lambda one: (not one.touched.is_asking, one.touched.present_answer == Answer.CONFIRM))


def standing(touched: ChangeCustomer, notices: list[ChangeNotice]) -> Standing:
    """One customer's."""
    told = [one for one in notices if one.told_at is not None and not one.is_folded]
    coming = [one for one in notices if one.told_at is None]
    failing = next((one for one in coming if one.reason and one.tries), None)
    return Standing(touched, told[-1] if told else None, coming, failing)


def story_of(change: Change) -> list[dict[str, Any]]:
    """What happened, oldest first: `at` and `sentence`. Customers told the same one after the other are one line."""
    told: list[tuple[ChangeStep, int]] = []
    for step in change.story.select_related("actor", "customer"):
        last, count = told[-1] if told else (step, 0)
        is_same = step.kind == "told" == last.kind and step.data == last.data
        if is_same and count:
            told[-1] = (last, count + 1)
        else:
            told.append((step, 1))
    return [{"at": step.at, "kind": step.kind, "sentence": step_sentence(step, count)} for step, count in told]


def map_says_more(change: Change) -> list[Customer]:
    """Customers that the resource map ties to it by now, and nobody has said anything of."""
    if change.is_ended:
        return []
    said = affected(list(change.resources.all()), list(change.apps.all()), [])
    known = set(change.customers.values_list("customer_id", flat=True))
    return list(Customer.objects.filter(pk__in=set(said) - known).order_by("name"))


def change_of_ticket(user: User, ticket_pk: int) -> ChangeCustomer | None:
    """The change that a ticket is about, as what it is to the ticket's customer."""
    row = ChangeCustomer.objects.filter(ticket=ticket_pk, removed_at=None).select_related("change", "customer").first()
    return row if row is not None and changes_for(user).filter(pk=row.change_id).exists() else None
