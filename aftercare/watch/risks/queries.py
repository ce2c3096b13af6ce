"""Hidden risks as pages and the API show them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from aftercare.accounts.access import Visitor, people_for
from aftercare.accounts.models import User
from aftercare.watch.models import Risk, RiskDeed, RiskOutcome, RiskRule, RiskState
from aftercare.watch.risks.access import risks_for, rules_for

OWN = "own"
# What is not closed, unless something else is asked for; `all` is every state.
PRESENT, ALL, NOBODYS, OVERDUE = "present", "all", "nobodys", "overdue"
PERIODS = (30, 90, 365)


@dataclass(frozen=True)
class RiskFilter:
    """What a list is narrowed to. `state` is one of RiskState or PRESENT, ALL, NOBODYS, OVERDUE; `customer` is a ref or
    OWN; empty means all.
    """

    state: str = PRESENT
    kind: str = ""
    customer: str = ""
    words: str = ""


@dataclass(frozen=True)
class Standing:
    """How many risks are open, and how many of those have no owner or are past their due time."""

    present: int
    nobodys: int
    overdue: int


@dataclass(frozen=True)
class Outcomes:
    """What a period came to; `unproven` are closings that no look has confirmed yet."""

    prevented: int
    happened: int
    unproven: int


def list_risks(user: Visitor, wanted: RiskFilter, now: datetime) -> QuerySet[Risk]:
    """The risks a person may see: open ones that nobody owns or that are overdue first, then by when they run out."""
    found = risks_for(user)
    if wanted.state == PRESENT:
        found = found.exclude(state=RiskState.CLOSED)
    elif wanted.state == NOBODYS:
        found = found.filter(nobodys())
    elif wanted.state == OVERDUE:
        found = found.filter(overdue(now))
    elif wanted.state in RiskState.values:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.customer:
        found = found.filter(customer=None) if wanted.customer == OWN else found.filter(customer__ref=wanted.customer)
    if wanted.words:
        said = Q()
        for field in ("subject", "customer__name", "customer__name_zh", "app__name", "app__name_zh"):
            said |= Q(**{f"{field}__icontains": wanted.words})
        found = found.filter(said)
    urgent = nobodys() | overdue(now)
    rank = Case(
        When(state=RiskState.CLOSED, then=Value(2)),
        When(urgent, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return found.annotate(rank=rank).order_by("rank", "runs_out_at", "pk")


def nobodys() -> Q:
    """Open risks without an owner."""
    return Q(owner=None) & ~Q(state=RiskState.CLOSED)


def overdue(now: datetime) -> Q:
    """Open risks past their due time."""
    return Q(due_at__lte=now) & ~Q(state=RiskState.CLOSED)


def standing_of(user: Visitor, now: datetime) -> Standing:
    """How a person's risks stand."""
    counts = risks_for(user).aggregate(
        present=Count("pk", filter=~Q(state=RiskState.CLOSED)),
        nobodys=Count("pk", filter=nobodys()),
        overdue=Count("pk", filter=overdue(now)),
    )
    return Standing(**counts)


def list_outcomes(user: Visitor, days: int, now: datetime) -> QuerySet[RiskDeed]:
    """What counts or will of the last `days`, newest first: a row for each closing or running out."""
    deeds = RiskDeed.objects.select_related("risk", "risk__rule", "risk__customer", "risk__app", "risk__owner", "actor")
    return (
        deeds.filter(risk__in=risks_for(user).order_by(), at__gt=now - timedelta(days=days), undone_at=None)
        .exclude(outcome="")
        .order_by("-at", "-pk")
    )


def count_outcomes(user: Visitor, days: int, now: datetime) -> Outcomes:
    """What the last `days` came to."""
    rows = list_outcomes(user, days, now).order_by()
    proven = Q(confirmed_at__isnull=False)
    return Outcomes(
        **rows.aggregate(
            prevented=Count("pk", filter=proven & Q(outcome=RiskOutcome.PREVENTED)),
            happened=Count("pk", filter=Q(outcome=RiskOutcome.HAPPENED)),
            unproven=Count("pk", filter=~proven & Q(outcome=RiskOutcome.PREVENTED)),
        )
    )


def list_deeds(risk: Risk) -> QuerySet[RiskDeed]:
    """A risk's history, newest first."""
    return risk.deeds.select_related("actor").order_by("-at", "-pk")


def list_rules(user: Visitor) -> QuerySet[RiskRule]:
    """The rules a person may see, with how many open risks each has."""
    present = Count("risks", filter=~Q(risks__state=RiskState.CLOSED))
    return rules_for(user).annotate(present=present).order_by("kind", "customer__name", "name", "pk")


def owners_for(user: User, owned: Risk | RiskRule | None) -> QuerySet[User]:
    """Who can own it, as far as this person may see: the provider's people, and those of whose it is.

    Of a new rule, whose customer is not chosen yet, the reader's own colleagues.
    """
    people = people_for(user).filter(is_active=True)
    whose = owned.customer_id if owned is not None else user.customer_id
    return people.filter(Q(customer=None) | Q(customer=whose)).order_by("customer", "name", "pk")
