"""Freezes over the API; they are the provider's own business."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from aftercare.accounts.access import person, provider_with, require
from aftercare.accounts.models import Customer
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.changes.access import get_freeze_for
from aftercare.incidents.changes.api import ACTS, by_ref, instant, zone_of
from aftercare.incidents.changes.freezing import declare_freeze, lift_freeze
from aftercare.incidents.changes.queries import list_freezes
from aftercare.incidents.changes.schemas import FreezeIn, FreezeOut
from aftercare.incidents.changes.types import FreezeFacts
from aftercare.incidents.models import Freeze
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.models import Resource

router = Router(tags=["planned changes"])
RULES = "manage_oncall"


@router.get("/freezes", response=list[FreezeOut], summary="Change freezes")
def freezes(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that hold, by their begin."""
    return [told_freeze(one) for one in list_freezes(provider_with(request, "see_customers"))]


@router.post("/freezes", response={201: FreezeOut}, summary="Freeze a time")
def freeze(request: HttpRequest, facts: FreezeIn) -> Status[dict[str, Any]]:
    """No change is announced into it, but by who may break it."""
    user = provider_with(request, RULES)
    zone = zone_of(facts.timezone)
    plain = {name: getattr(facts, name) for name in ("name", "name_zh", "timezone", "scope")}
    made = declare_freeze(
        facts=FreezeFacts(
            **plain,
            starts_at=instant(facts.starts_at, zone),
            ends_at=instant(facts.ends_at, zone),
            regions=by_ref(Resource.objects.filter(kind=Resource.Kind.REGION), facts.regions),
            customers=by_ref(Customer.objects.all(), facts.customers),
            breakers=by_ref(list_staff_with(ACTS), facts.breakers),
        ),
        actor=user,
        now=utc_now(),
    )
    return Status(201, told_freeze(made))


@router.delete("/freezes/{ref}", response={204: None}, summary="Lift a freeze")
def lift(request: HttpRequest, ref: str) -> Status[None]:
    """It holds no more."""
    user = person(request)
    found = get_freeze_for(user, ref)
    require(user, RULES)
    lift_freeze(freeze=found, actor=user, now=utc_now())
    return Status(204, None)


def told_freeze(one: Freeze) -> dict[str, Any]:
    """A freeze."""
    names = ("ref", "name", "name_zh", "timezone", "starts_at", "ends_at", "scope")
    refs = {name: [row.ref for row in getattr(one, name).all()] for name in ("regions", "customers", "breakers")}
    return {**{name: getattr(one, name) for name in names}, **refs}
