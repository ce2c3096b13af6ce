"""Who takes what, who knows which customer, who is on and for how long, over the API."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import customers_for, people_for
from aftercare.accounts.models import Customer, User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.desk import actions
from aftercare.desk.actions.agents import remove_agent, save_agent, set_expert
from aftercare.desk.api.door import colleague, staff
from aftercare.desk.api.schemas import PersonOut
from aftercare.desk.models import AgentProfile, CustomerExpert, ExpertPlace
from aftercare.desk.presence import presence_of
from aftercare.desk.routing.people import agents_now
from aftercare.desk.routing.queries import SPANS, by_person, hours_in
from aftercare.kernel.clock import utc_now

router = Router(tags=["routing and presence"])
MANAGE = "manage_oncall"  # whoever plans who is on duty


class AgentIn(Schema):
    """What one person takes; empty languages or scenarios are any."""

    languages: list[str] = Field([], description="zh-hans, en")
    skills: list[str] = []
    scenarios: list[str] = []
    tiers: list[int] = [1]
    capacity: int = 6


class AgentOut(AgentIn):
    """Somebody who answers tickets; `is_routed` false: nothing comes to them by itself."""

    person: PersonOut
    is_routed: bool
    presence: str | None = Field(description="on, away or off; null where nothing is routed")
    load: int | None = Field(description="tickets that wait for their answer")


class ExpertsIn(Schema):
    """The named expert and the deputy; null names nobody."""

    expert: str | None = None
    deputy: str | None = None


class ExpertsOut(Schema):
    """A customer with who knows it."""

    customer: str
    expert: PersonOut | None
    deputy: PersonOut | None


class Presence(Schema):
    """on, away or off."""

    state: str


class DutyDayOut(Schema):
    """One person's day on duty, from recorded intervals; a day without any has no row."""

    person: PersonOut
    day: date
    on_s: float
    away_s: float


class DutySumOut(Schema):
    """One person's span."""

    person: PersonOut
    on_s: float
    away_s: float
    days: int


class HoursOut(Schema):
    """Hours on duty in the caller's own zone."""

    span: str
    timezone: str
    people: list[DutySumOut]
    days: list[DutyDayOut]


@router.get("/routing/people", response=list[AgentOut], summary="Who takes what")
def people(request: HttpRequest) -> list[dict[str, Any]]:
    """Everybody who answers tickets, how they are now and how much they have."""
    staff(request)
    now = {agent.user: agent for agent in agents_now()}
    profiles = {profile.user_id: profile for profile in AgentProfile.objects.all()}
    told = []
    for user in list_staff_with("reply_to_tickets").order_by("name", "pk"):
        agent = now.get(user.pk)
        told.append(
            {
                **taken(profiles.get(user.pk)),
                "person": user,
                "presence": agent.presence if agent else None,
                "load": agent.load if agent else None,
            }
        )
    return told


@router.put("/routing/people/{ref}", response=AgentOut, summary="Say what somebody takes")
def change_agent(request: HttpRequest, ref: str, facts: AgentIn) -> dict[str, Any]:
    """From now on tickets that fit come to them while they are on."""
    user = staff(request, MANAGE)
    agent: User = get_object_or_404(people_for(user), ref=ref, customer__isnull=True)
    save_agent(user=agent, **facts.model_dump(), actor=user, now=utc_now())
    profile = AgentProfile.objects.get(user=agent)
    return {**taken(profile), "person": agent, "presence": presence_of(agent), "load": None}


@router.delete("/routing/people/{ref}", response={204: None}, summary="Route nothing more to somebody")
def drop_agent(request: HttpRequest, ref: str) -> Status[None]:
    """What they have they keep."""
    user = staff(request, MANAGE)
    agent = get_object_or_404(people_for(user), ref=ref, customer__isnull=True)
    remove_agent(user=agent, actor=user, now=utc_now())
    return Status(204, None)


@router.get("/routing/customers", response=list[ExpertsOut], summary="Who knows which customer")
def experts(request: HttpRequest) -> list[dict[str, Any]]:
    """Customers that have a named expert or a deputy."""
    user = staff(request)
    named = CustomerExpert.objects.values("customer")
    return [experts_of(customer) for customer in customers_for(user).filter(pk__in=named)]


@router.put("/routing/customers/{ref}", response=ExpertsOut, summary="Name a customer's expert and deputy")
def change_experts(request: HttpRequest, ref: str, facts: ExpertsIn) -> dict[str, Any]:
    """A key customer's tickets go to them first."""
    user, now = staff(request, MANAGE), utc_now()
    customer: Customer = get_object_or_404(customers_for(user), ref=ref)
    chosen = {place: colleague(user, getattr(facts, place)) for place in ExpertPlace.values}
    for place, who in chosen.items():
        set_expert(customer=customer, place=place, user=who, actor=user, now=now)
    return experts_of(customer)


@router.get("/presence", response=Presence, summary="Whether one is on")
def get_presence(request: HttpRequest) -> dict[str, str]:
    """Asking is a sign of life: without one for five minutes, nobody is on."""
    user = staff(request)
    actions.touch_presence(user=user, now=utc_now())
    return {"state": presence_of(user)}


@router.put("/presence", response=Presence, summary="Be on, away or off")
def put_presence(request: HttpRequest, facts: Presence) -> dict[str, str]:
    """From now on; every interval is kept, they are a published figure."""
    user = staff(request)
    actions.set_presence(user=user, state=facts.state, now=utc_now())
    return {"state": presence_of(user)}


@router.get("/hours", response=HoursOut, summary="Hours on duty")
def hours(request: HttpRequest, span: str = "7d") -> dict[str, Any]:
    """Of everybody, by person and day: today, 7d, 30d or 90d."""
    user = staff(request)
    span = span if span in SPANS else "7d"
    days = hours_in(span, user, utc_now())
    return {
        "span": span,
        "timezone": user.timezone,
        "people": [{**row, "person": row["user"]} for row in by_person(days)],
        "days": [{"person": one.user, "day": one.day, "on_s": one.on_s, "away_s": one.away_s} for one in days],
    }


def taken(profile: AgentProfile | None) -> dict[str, Any]:
    """What a profile says."""
    names = ("languages", "skills", "scenarios", "tiers", "capacity")
    kept = (
        {name: getattr(profile, name) for name in names} if profile else {**{name: [] for name in names}, "capacity": 0}
    )
    return {**kept, "is_routed": profile is not None}


def experts_of(customer: Customer) -> dict[str, Any]:
    """Who knows this customer."""
    named = {one.place: one.user for one in CustomerExpert.objects.filter(customer=customer).select_related("user")}
    return {"customer": customer.ref, **{place: named.get(place) for place in ExpertPlace.values}}
