"""Event assurances over the API: which there are, how ready each is, and ticking what is done."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Field, Router, Schema

from aftercare.accounts.access import can, person, require
from aftercare.incidents.assurance.access import apps_of, get_assurance_for, items_for
from aftercare.incidents.assurance.checklist import finish_item
from aftercare.incidents.assurance.queries import list_assurances
from aftercare.incidents.models import Assurance, AssuranceItem
from aftercare.kernel.clock import utc_now
from aftercare.web.api import LONGEST_PAGE

router = Router(tags=["event assurance"])


class AssuranceItemOut(Schema):
    """One thing to be done before the event. A customer's program reads what is the customer's to do."""

    item: int
    title: str
    title_zh: str
    vendor: str = Field(description="the vendor that is to be told; empty for everything else")
    owner: str | None = Field(description="one of the provider's people, by ref")
    customer: str | None = Field(description="the customer who does it, by ref")
    due_at: datetime
    done_at: datetime | None
    note: str


class AssuranceOut(Schema):
    """One event. `expected_concurrent` is sessions at once over all apps, null where others' apps are among them."""

    ref: str
    title: str
    title_zh: str
    state: str = Field(description="planned, ready, running, closed or cancelled")
    apps: list[str]
    regions: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    expected_concurrent: int | None
    expected_mbps: float | None
    lead: str
    freezes: bool = Field(description="whether changes are frozen while it lasts")
    war_room: str
    summary_published: bool


class OneAssuranceOut(AssuranceOut):
    """The same with what is to be done."""

    items: list[AssuranceItemOut]


class ItemDoneIn(Schema):
    """How it was done; needed where a vendor was told."""

    note: str = ""


@router.get("/assurances", response=list[AssuranceOut], summary="Event assurances")
def assurances(request: HttpRequest) -> list[dict[str, Any]]:
    """The first 100: what runs, then what comes, the next first, then what is over."""
    user = person(request)
    return [told(request, one) for one in list_assurances(user)[:LONGEST_PAGE]]


@router.get("/assurances/{ref}", response=OneAssuranceOut, summary="An event assurance")
def assurance(request: HttpRequest, ref: str) -> dict[str, Any]:
    """One, with what is to be done for it."""
    one = get_assurance_for(person(request), ref)
    items = items_for(person(request), one)
    return {**told(request, one), "items": [told_item(item) for item in items]}


@router.post("/assurances/{ref}/items/{item}", response=OneAssuranceOut, summary="Finish a thing on the checklist")
def item_done(request: HttpRequest, ref: str, item: int, facts: ItemDoneIn) -> dict[str, Any]:
    """It is done; twice counts once. A customer's program ticks what is the customer's."""
    user = person(request)
    one = get_assurance_for(user, ref)
    if user.is_provider:
        require(user, "act_on_incidents")
    elif not can(user, "open_tickets"):
        raise PermissionDenied
    finish_item(assurance=one, item_id=item, note=facts.note, actor=user, now=utc_now())
    return assurance(request, ref)


def told(request: HttpRequest, one: Assurance) -> dict[str, Any]:
    """One as this person may read it."""
    user = person(request)
    is_whole = user.is_provider or one.customers.count() == 1
    plain = ("ref", "title", "title_zh", "state", "regions", "starts_at", "ends_at", "zone", "freezes", "war_room")
    return {
        **{name: getattr(one, name) for name in plain},
        "apps": [app.ref for app in apps_of(user, one)],
        "expected_concurrent": one.expected_concurrent if is_whole else None,
        "expected_mbps": one.expected_mbps if is_whole else None,
        "lead": one.lead.name,
        "summary_published": one.published_at is not None,
    }


def told_item(item: AssuranceItem) -> dict[str, Any]:
    """One thing to be done."""
    return {
        "item": item.pk,
        "title": item.title,
        "title_zh": item.title_zh,
        "vendor": item.vendor,
        "owner": item.owner.ref if item.owner else None,
        "customer": item.customer.ref if item.customer else None,
        "due_at": item.due_at,
        "done_at": item.done_at,
        "note": item.note,
    }
