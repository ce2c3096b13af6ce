"""Alerts and their sources over the API: what the pages do, behind the same walls."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status

from aftercare.accounts.access import get_app_for, get_customer_for, person, provider_with, require
from aftercare.accounts.models import App, Customer, User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.access import alerts_for
from aftercare.watch.actions import close_told
from aftercare.watch.api.alert_schemas import (
    AlertOut,
    AlertsOut,
    NewSourceIn,
    OverlapIn,
    RefusalOut,
    SourceIn,
    SourceMadeOut,
    SourceOut,
    TrialIn,
    TrialOut,
)
from aftercare.watch.models import Alert, AlertSource, Refusal
from aftercare.watch.outside.access import get_source_for
from aftercare.watch.outside.intake import Trial, try_out
from aftercare.watch.outside.keeping import Issued, create_source, edit_source, revoke_source, rotate_source
from aftercare.watch.outside.queries import list_sources
from aftercare.watch.outside.views import address_of
from aftercare.watch.queries import AlertFilter, list_alerts
from aftercare.web.api import page_of_rows

router = Router(tags=["alerts"])
EDIT = "edit_monitors"


@router.get("/alerts", response=AlertsOut, summary="Alerts")
def alerts(
    request: HttpRequest, state: str = "", source: str = "", cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """Those the caller may see, newest first; `state` is open or closed, `source` a source's ref."""
    user = person(request)
    require(user, "see_telemetry")
    wanted = AlertFilter(state=state if state in ("open", "closed") else "", source=source[:16])
    rows, following = page_of_rows(list_alerts(user, wanted), cursor, limit)
    return {"alerts": rows, "next": following}


@router.get("/alerts/{ref}", response=AlertOut, summary="One alert")
def alert(request: HttpRequest, ref: str) -> Alert:
    """With the words of one from elsewhere."""
    user = person(request)
    require(user, "see_telemetry")
    return get_object_or_404(alerts_for(user), ref=ref)


@router.post("/alerts/{ref}/closing", response=AlertOut, summary="Close an alert by hand")
def close(request: HttpRequest, ref: str) -> Alert:
    """For an alert whose source will not say that it is over."""
    user = person(request)
    found = get_object_or_404(alerts_for(user), ref=ref)
    require(user, "act_on_incidents")
    close_told(alert=found, actor=user, now=utc_now())
    return alerts_for(user).get(pk=found.pk)


@router.get("/alert-sources", response=list[SourceOut], summary="Sources of alerts")
def sources(request: HttpRequest) -> list[AlertSource]:
    """Every source, with what it last told and how many of its alerts are open."""
    return list(list_sources(provider_with(request, "see_telemetry")))


@router.post("/alert-sources", response={201: SourceMadeOut}, summary="Add a source of alerts")
def add_source(request: HttpRequest, facts: NewSourceIn) -> Status[dict[str, Any]]:
    """Keep the address: its key is not told again."""
    user = provider_with(request, EDIT)
    if facts.app and facts.customer:
        raise Refused(_("Name the app or the customer, not both."))
    place = place_of(user, facts)
    made = create_source(kind=facts.kind, place=place, facts=facts.facts(), actor=user, now=utc_now())
    return Status(201, told(made))


def place_of(user: User, facts: NewSourceIn) -> App | Customer | None:
    """Whose systems; Http404 for what does not exist for this person."""
    if facts.app:
        return get_app_for(user, facts.app)
    return get_customer_for(user, facts.customer) if facts.customer else None


@router.get("/alert-sources/{ref}", response=SourceOut, summary="One source of alerts")
def source(request: HttpRequest, ref: str) -> AlertSource:
    """As it is set."""
    user = provider_with(request, "see_telemetry")
    return get_object_or_404(list_sources(user), ref=ref)


@router.put("/alert-sources/{ref}", response=SourceOut, summary="Change a source of alerts")
def change_source(request: HttpRequest, ref: str, facts: SourceIn) -> AlertSource:
    """Its kind, its place and its address stay."""
    user = provider_with(request, EDIT)
    found = get_source_for(user, ref)
    edit_source(source=found, facts=facts.facts(), actor=user, now=utc_now())
    return list_sources(user).get(pk=found.pk)


@router.delete("/alert-sources/{ref}", response={204: None}, summary="Revoke a source of alerts")
def revoke(request: HttpRequest, ref: str) -> Status[None]:
    """Its address is worth nothing from now on, and what it has open is closed."""
    user = provider_with(request, EDIT)
    revoke_source(source=get_source_for(user, ref), actor=user, now=utc_now())
    return Status(204, None)


@router.post("/alert-sources/{ref}/key", response=SourceMadeOut, summary="Renew a source's address")
def renew(request: HttpRequest, ref: str, facts: OverlapIn) -> dict[str, Any]:
    """The old one works `overlap_h` hours longer."""
    user = provider_with(request, EDIT)
    found = get_source_for(user, ref)
    return told(rotate_source(source=found, overlap_h=facts.overlap_h, actor=user, now=utc_now()))


@router.get("/alert-sources/{ref}/refusals", response=list[RefusalOut], summary="What could not be read")
def refusals(request: HttpRequest, ref: str) -> list[Refusal]:
    """The last payloads that were refused, without their secrets, newest first."""
    user = provider_with(request, "see_telemetry")
    return list(get_source_for(user, ref).refusals.order_by("-at", "-pk"))


@router.post("/alert-sources/{ref}/trial", response=TrialOut, summary="Try a payload")
def trial(request: HttpRequest, ref: str, facts: TrialIn) -> Trial:
    """What would become of it; nobody is woken and nothing is kept."""
    found = get_source_for(provider_with(request, EDIT), ref)
    mapping = found.mapping if facts.mapping is None else facts.mapping
    thought = AlertSource(kind=found.kind, mapping=mapping, severities=found.severities)
    return try_out(thought, facts.payload.encode("utf-8", "replace"))


def told(issued: Issued) -> dict[str, Any]:
    """A source with its address."""
    return {"source": issued.source, "address": address_of(issued.secret)}
