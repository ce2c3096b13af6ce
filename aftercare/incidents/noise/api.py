"""Silences over the API, so that a deploy script can silence what it will set off; the provider's own business."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status

from aftercare.accounts.access import provider_with
from aftercare.accounts.models import App, Customer
from aftercare.incidents.models import HeldBack, InhibitionRule, Silence
from aftercare.incidents.noise.actions import end_silence, is_over, make_rule, make_silence, move_end, remove_rule
from aftercare.incidents.noise.matching import OWN, Match, match_of
from aftercare.incidents.noise.queries import list_held, until_of
from aftercare.incidents.noise.schemas import (
    HeldAlertsPage,
    InhibitionIn,
    InhibitionOut,
    MatchFacts,
    SilenceEndIn,
    SilenceIn,
    SilenceOut,
    SilencesPage,
)
from aftercare.incidents.noise.words import why_words
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.api import page_of_rows

router = Router(tags=["silences"])
SEES, ACTS, RULES = "see_customers", "act_on_incidents", "manage_oncall"


@router.get("/silences", response=SilencesPage, summary="Silences")
def silences(request: HttpRequest, running: bool = False, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Those there are; `running` leaves out what is over."""
    provider_with(request, SEES)
    now = utc_now()
    rows = counted()
    if running:
        rows = rows.filter(told_at=None, ends_at__gt=now)
    page, following = page_of_rows(rows, cursor, limit)
    return {"silences": [told(one, now) for one in page], "next": following}


@router.post("/silences", response={201: SilenceOut}, summary="Silence alerts")
def silence_alerts(request: HttpRequest, facts: SilenceIn) -> Status[dict[str, Any]]:
    """Nobody is called for what fits until it ends; what is still open then calls whoever is on duty."""
    user, now = provider_with(request, ACTS), utc_now()
    if (facts.ends_at is None) == (facts.lasts_s is None):
        raise Refused(_("Give either ends_at or lasts_s."))
    starts_at = max(zoned(facts.starts_at), now) if facts.starts_at else now
    ends_at = zoned(facts.ends_at) if facts.ends_at else starts_at + timedelta(seconds=facts.lasts_s or 0)
    made = make_silence(
        reason=facts.reason,
        match=meant(facts.match),
        holds_red=facts.holds_red,
        starts_at=starts_at,
        ends_at=ends_at,
        actor=user,
        now=now,
        token=facts.token,
    )
    return Status(201, told(counted().get(pk=made.pk), now))


@router.get("/silences/{ref}", response=SilenceOut, summary="A silence")
def one_silence(request: HttpRequest, ref: str) -> dict[str, Any]:
    """One, with how many alerts it held."""
    provider_with(request, SEES)
    return told(get_object_or_404(counted(), ref=ref), utc_now())


@router.put("/silences/{ref}/end", response=SilenceOut, summary="Move a silence's end")
def move(request: HttpRequest, ref: str, facts: SilenceEndIn) -> dict[str, Any]:
    """It ends at another time, at most a week from now."""
    user, now = provider_with(request, ACTS), utc_now()
    row = get_object_or_404(counted(), ref=ref)
    move_end(silence=row, ends_at=zoned(facts.ends_at), actor=user, now=now)
    return told(counted().get(pk=row.pk), now)


@router.delete("/silences/{ref}", response={204: None}, summary="End a silence")
def end(request: HttpRequest, ref: str) -> Status[None]:
    """It ends now; what is still open calls whoever is on duty within seconds. Nothing happens to one that is over."""
    user = provider_with(request, ACTS)
    end_silence(silence=get_object_or_404(Silence, ref=ref), actor=user, now=utc_now())
    return Status(204, None)


@router.get("/held-alerts", response=HeldAlertsPage, summary="Alerts held back")
def held_alerts(request: HttpRequest, waiting: bool = False, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """Every alert that called nobody when it opened, with the reason; `waiting` leaves only those that wait now."""
    provider_with(request, SEES)
    page, following = page_of_rows(list_held(waiting=waiting), cursor, limit)
    return {"alerts": [told_held(row) for row in page], "next": following}


@router.get("/inhibitions", response=list[InhibitionOut], summary="Rules of inhibition")
def inhibitions(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that hold, by name."""
    provider_with(request, SEES)
    rules = InhibitionRule.objects.filter(removed_at=None).select_related("made_by")
    return [told_rule(one) for one in rules]


@router.post("/inhibitions", response={201: InhibitionOut}, summary="Let alerts wait behind another")
def inhibit(request: HttpRequest, facts: InhibitionIn) -> Status[dict[str, Any]]:
    """A rule of inhibition. A warning never makes a red alert wait."""
    user = provider_with(request, RULES)
    sides = {"source": meant(facts.source), "target": meant(facts.target)}
    made = make_rule(name=facts.name, same=facts.same, actor=user, now=utc_now(), **sides)
    return Status(201, told_rule(made))


@router.delete("/inhibitions/{ref}", response={204: None}, summary="Remove a rule of inhibition")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """What waits by it is looked at within seconds."""
    user = provider_with(request, RULES)
    remove_rule(rule=get_object_or_404(InhibitionRule, ref=ref), actor=user, now=utc_now())
    return Status(204, None)


def counted() -> Any:
    """Silences with how many alerts each held."""
    return Silence.objects.select_related("made_by", "ended_by").annotate(held_n=Count("held"))


def zoned(at: datetime) -> datetime:
    """The instant. Raises Refused for a time without an offset."""
    if at.tzinfo is None:
        raise Refused(_("Give times with their offset: 2026-12-01T20:00:00+08:00."))
    return at


def meant(facts: MatchFacts) -> Match:
    """The match. Raises Refused for a customer or an app that there is not."""
    for ref, rows in ((facts.customer, Customer.objects), (facts.app, App.objects)):
        if ref and ref != OWN and not rows.filter(ref=ref).exists():
            raise Refused(_("There is no “%(ref)s” to choose.") % {"ref": ref})
    return Match(**facts.dict())


def told(one: Any, now: datetime) -> dict[str, Any]:
    """A silence."""
    names = ("ref", "reason", "holds_red", "starts_at", "ends_at")
    state = "over" if is_over(one, now) else "coming" if one.starts_at > now else "running"
    return {
        **{name: getattr(one, name) for name in names},
        "match": match_of(one.match).as_dict(),
        "made_by": one.made_by.ref,
        "ended_by": one.ended_by.ref if one.ended_by else None,
        "state": state,
        "held": one.held_n,
    }


def told_rule(one: InhibitionRule) -> dict[str, Any]:
    """A rule."""
    names = ("ref", "name", "source", "target", "same", "made_at")
    return {**{name: getattr(one, name) for name in names}, "made_by": one.made_by.ref}


def told_held(row: HeldBack) -> dict[str, Any]:
    """An alert held back."""
    names = ("reason", "held_at", "released_at", "outcome")
    related = {name: getattr(row, name) for name in ("silence", "rule", "parent", "change")}
    return {
        **{name: getattr(row, name) for name in names},
        **{name: one.ref if one else None for name, one in related.items()},
        "alert": row.alert.ref,
        "why": why_words(row),
        "until": until_of(row),
    }
