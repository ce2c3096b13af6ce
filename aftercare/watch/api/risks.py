"""Hidden risks over the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.watch.api.risk_schemas import (
    RiskClosingIn,
    RiskDeedOut,
    RiskNoteIn,
    RiskOut,
    RiskOutcomesPage,
    RisksPage,
    RiskTakingIn,
)
from aftercare.watch.models import Risk, RiskDeed
from aftercare.watch.risks.access import get_risk_for
from aftercare.watch.risks.actions import close_by_hand, note_on, reopen_by_hand, take_risk
from aftercare.watch.risks.forms import TakingForm
from aftercare.watch.risks.people import name_for, owner_value
from aftercare.watch.risks.queries import (
    PERIODS,
    PRESENT,
    RiskFilter,
    count_outcomes,
    list_deeds,
    list_outcomes,
    list_risks,
)
from aftercare.watch.risks.views import STATES
from aftercare.watch.risks.words import deed_words, evidence
from aftercare.web.api import LONGEST_PAGE, cursor_of, page_number, valid

router = Router(tags=["risks"])
SEES, CHANGES = "see_telemetry", "edit_monitors"
SAME = (
    *("ref", "subject", "kind", "state", "closing", "accepted_until", "severity", "lead_days", "runs_out_at"),
    *("earliest_at", "latest_at", "due_at", "found_at", "seen_at", "happened_at", "closed_at", "measured"),
)
OF_DEED = ("at", "kind", "text", "closing", "outcome", "confirmed_at", "undone_at")


@router.get("/risks", response=RisksPage, summary="Hidden risks")
def list_all(
    request: HttpRequest, state: str = PRESENT, kind: str = "", customer: str = "", q: str = "", cursor: str = ""
) -> dict[str, Any]:
    """Those the caller may see, nobody's and overdue ones first. `state` is present (not closed), open, handling,
    closed, nobodys, overdue or all.
    """
    user = seer(request)
    wanted = RiskFilter(state if state in STATES else PRESENT, kind[:16], customer[:16], q[:100])
    number = max(page_number(cursor), 1)
    first = (number - 1) * LONGEST_PAGE
    found = list(list_risks(user, wanted, utc_now())[first : first + LONGEST_PAGE + 1])
    more = cursor_of(number + 1) if len(found) > LONGEST_PAGE else None
    return {"risks": [told(user, one) for one in found[:LONGEST_PAGE]], "next": more}


@router.get("/risks/outcomes", response=RiskOutcomesPage, summary="What was prevented")
def outcomes(request: HttpRequest, days: int = PERIODS[1], cursor: str = "") -> dict[str, Any]:
    """Closings of the last 30, 90 or 365 days by what they came to, each with its row."""
    user, now = seer(request), utc_now()
    days = days if days in PERIODS else PERIODS[1]
    number = max(page_number(cursor), 1)
    first = (number - 1) * LONGEST_PAGE
    found = list(list_outcomes(user, days, now)[first : first + LONGEST_PAGE + 1])
    counted = count_outcomes(user, days, now)
    rows = [{**deed_told(user, one), "risk": one.risk.ref, "subject": one.risk.subject} for one in found[:LONGEST_PAGE]]
    return {
        **{"days": days, "prevented": counted.prevented, "happened": counted.happened},
        **{"unproven": counted.unproven, "outcomes": rows},
        "next": cursor_of(number + 1) if len(found) > LONGEST_PAGE else None,
    }


@router.get("/risks/{ref}", response=RiskOut, summary="One hidden risk")
def get_one(request: HttpRequest, ref: str) -> dict[str, Any]:
    """How it stands, and what was measured."""
    user = seer(request)
    return told(user, get_risk_for(user, ref))


@router.get("/risks/{ref}/history", response=list[RiskDeedOut], summary="What was done with a hidden risk")
def history(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """The newest 100 lines."""
    user = seer(request)
    return [deed_told(user, one) for one in list_deeds(get_risk_for(user, ref))[:LONGEST_PAGE]]


@router.put("/risks/{ref}/owner", response=RiskOut, summary="Give a hidden risk to somebody")
def take(request: HttpRequest, ref: str, said: RiskTakingIn) -> dict[str, Any]:
    """An owner, and by when it is to be dealt with."""
    user, risk = held(request, ref)
    form = TakingForm(user, risk, {"owner": said.owner or "", "due_on": said.due_on.isoformat()})
    valid(form)
    owner, due_at = form.chosen()
    take_risk(risk=risk, owner=owner, due_at=due_at, actor=user, now=utc_now())
    return told(user, get_risk_for(user, ref))


@router.post("/risks/{ref}/notes", response=RiskDeedOut, summary="Write to a hidden risk")
def note(request: HttpRequest, ref: str, said: RiskNoteIn) -> dict[str, Any]:
    """A line for its history."""
    user, risk = held(request, ref)
    return deed_told(user, note_on(risk=risk, text=said.text, actor=user, now=utc_now()))


@router.post("/risks/{ref}/closing", response=RiskOut, summary="Close a hidden risk")
def close(request: HttpRequest, ref: str, said: RiskClosingIn) -> dict[str, Any]:
    """Fixed counts once a later look finds it no more; one that still finds it opens it again."""
    user, risk = held(request, ref)
    close_by_hand(risk=risk, closing=said.closing, reason=said.reason, until=said.until, actor=user, now=utc_now())
    return told(user, get_risk_for(user, ref))


@router.delete("/risks/{ref}/closing", response=RiskOut, summary="Open a hidden risk again")
def reopen(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Its closing counts as nothing then, unless a look has confirmed it."""
    user, risk = held(request, ref)
    reopen_by_hand(risk=risk, reason="", actor=user, now=utc_now())
    return told(user, get_risk_for(user, ref))


def seer(request: HttpRequest) -> User:
    """Who calls, where they may see. Raises PermissionDenied."""
    user = person(request)
    require(user, SEES)
    return user


def held(request: HttpRequest, ref: str) -> tuple[User, Risk]:
    """Who calls and the risk that they may change; 404 before 403, so that a stranger learns nothing."""
    user = person(request)
    risk = get_risk_for(user, ref)
    require(user, CHANGES)
    return user, risk


def told(user: User, risk: Risk) -> dict[str, Any]:
    """A risk as the API tells it."""
    may_see_rule = risk.rule.deleted_at is None and (user.is_provider or risk.rule.customer_id is not None)
    return {
        **{name: getattr(risk, name) for name in SAME},
        "customer": risk.customer.ref if risk.customer else None,
        "app": risk.app.ref if risk.app else None,
        "rule": risk.rule.ref if may_see_rule else None,
        "owner": owner_value(user, risk) or None,
        "owner_name": name_for(user, risk.owner),
        "overdue": risk.is_open and risk.due_at <= utc_now(),
        "evidence": evidence(risk),
    }


def deed_told(user: User, deed: RiskDeed) -> dict[str, Any]:
    """A line of a history as the API tells it."""
    kept = {name: getattr(deed, name) for name in OF_DEED}
    return {**kept, "by": name_for(user, deed.actor), "words": deed_words(deed, user)}
