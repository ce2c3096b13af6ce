"""People as they are now, and what waits for them: the choice's two sides, read from the database."""

from collections.abc import Iterator

from django.db.models import Count, Max, Q

from aftercare.accounts.models import Rank
from aftercare.desk.models import (
    UNSETTLED,
    AgentProfile,
    Assignment,
    CustomerExpert,
    ExpertPlace,
    PresenceInterval,
    PresenceState,
    Routing,
    Status,
    Ticket,
    Tier,
)
from aftercare.desk.routing.choice import OFF, Agent, Need

LOOKED_AT = 1_000  # waiting tickets of one round; equal ones cost nothing once the first found nobody
# What waits for an answer of whoever has it: the customer's words, or a hand-over.
OWED = Q(status=Status.OPEN) | Q(status__in=UNSETTLED, routing__tier__gt=Tier.FIRST)


def waiting() -> list[Routing]:
    """Routings of tickets that nobody has and that somebody should, in the order in which they are given out."""
    owed = Q(ticket__status=Status.OPEN) | Q(ticket__status__in=UNSETTLED, tier__gt=Tier.FIRST)
    rows = Routing.objects.filter(owed, waiting_since__isnull=False, ticket__assignee__isnull=True)
    rows = rows.select_related("ticket__customer", "ticket__app").prefetch_related("ticket__customer__experts")
    return list(rows.order_by("urgency", "waiting_since", "pk")[:LOOKED_AT])


def need_of(routing: Routing) -> Need:
    """What the ticket asks of a person; named people count for key customers alone."""
    ticket = routing.ticket
    named: dict[str, int] = {}
    if ticket.customer.rank == Rank.KEY:
        experts: list[CustomerExpert] = list(ticket.customer.experts.all())
        named = {expert.place: expert.user_id for expert in experts}
    return Need(
        tier=routing.tier,
        language=routing.language,
        skill=routing.skill,
        scenario=ticket.app.scenario if ticket.app else "",
        expert=named.get(ExpertPlace.EXPERT),
        deputy=named.get(ExpertPlace.DEPUTY),
        passed_over=frozenset(routing.passed_over),
    )


def agents_now() -> Iterator[Agent]:
    """Everybody with a profile, as they are now: presence, load, last ticket."""
    profiles = AgentProfile.objects.filter(user__is_active=True, user__customer__isnull=True).select_related("user")
    present = dict(PresenceInterval.objects.filter(ended_at__isnull=True).values_list("user_id", "state"))
    on = [user for user, state in present.items() if state == PresenceState.ON]
    loads = dict(
        Ticket.objects.filter(OWED, assignee__in=on).values_list("assignee").annotate(n=Count("pk")).order_by()
    )
    last = dict(Assignment.objects.filter(user__in=on).values_list("user").annotate(last=Max("at")).order_by())
    for profile in profiles:
        user = profile.user_id
        yield Agent(
            user=user,
            name=profile.user.name,
            tiers=frozenset(profile.tiers),
            languages=frozenset(profile.languages),
            skills=frozenset(profile.skills),
            scenarios=frozenset(profile.scenarios),
            capacity=profile.capacity,
            load=loads.get(user, 0),
            presence=present.get(user, OFF),
            last_given=last[user].timestamp() if user in last else 0.0,
        )
