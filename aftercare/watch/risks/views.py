"""The pages of hidden risks: all of them, one of them, what is done with it, and what was prevented."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, customers_for, needs, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.models import Risk, RiskKind, RiskState
from aftercare.watch.risks.access import get_risk_for
from aftercare.watch.risks.actions import close_by_hand, note_on, reopen_by_hand, take_risk
from aftercare.watch.risks.forms import ClosingForm, NoteForm, TakingForm
from aftercare.watch.risks.queries import (
    ALL,
    NOBODYS,
    OVERDUE,
    OWN,
    PERIODS,
    PRESENT,
    RiskFilter,
    count_outcomes,
    list_deeds,
    list_outcomes,
    list_risks,
    standing_of,
)
from aftercare.web.paging import page_of

PER_PAGE = 50
MOST_CUSTOMERS = 200
USUAL_PERIOD = 90
STATES = (PRESENT, NOBODYS, OVERDUE, *RiskState.values, ALL)
SEES, HANDLES = "see_telemetry", "edit_monitors"


@needs(SEES)
def risk_list(request: HttpRequest) -> HttpResponse:
    """The hidden risks that the reader may see: nobody's and overdue ones first."""
    user, now = person(request), utc_now()
    wanted = filter_of(request)
    context = {
        "page": page_of(list_risks(user, wanted, now), request, per_page=PER_PAGE),
        "now": now,
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("What runs out, customer or app"), "value": wanted.words},
        "is_filtered": wanted != RiskFilter(),
        "standing": standing_of(user, now),
        "counted": count_outcomes(user, USUAL_PERIOD, now),
        "period": USUAL_PERIOD,
        "may_edit": can(user, HANDLES),
    }
    return render(request, "watch/risks/risks.html", context)


def filter_of(request: HttpRequest) -> RiskFilter:
    """What the address asks for; a state or kind that does not exist narrows nothing."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    return RiskFilter(
        state=state if state in STATES else PRESENT,
        kind=kind if kind in RiskKind.values else "",
        customer=request.GET.get("customer", "").replace("\x00", "")[:16],
        words=request.GET.get("q", "").replace("\x00", "").strip()[:100],
    )


def filters_of(user: User, wanted: RiskFilter) -> list[dict[str, Any]]:
    """The choosers above the list; of customers only where there are some to choose from, and not too many."""
    states = [
        (PRESENT, _("not closed")),
        (NOBODYS, _("without an owner")),
        (OVERDUE, _("overdue")),
        *RiskState.choices,
        (ALL, _("all")),
    ]
    found: list[dict[str, Any]] = [
        {"name": "state", "label": _("State"), "value": wanted.state, "choices": states},
        {
            "name": "kind",
            "label": _("What runs out"),
            "value": wanted.kind,
            "choices": [("", _("any")), *RiskKind.choices],
        },
    ]
    customers = list(customers_for(user)[: MOST_CUSTOMERS + 1]) if user.is_provider else []
    if 1 <= len(customers) <= MOST_CUSTOMERS:
        choices = [("", _("all")), (OWN, _("Our own")), *((one.ref, one.display_name) for one in customers)]
        found.append({"name": "customer", "label": _("Whose"), "value": wanted.customer, "choices": choices})
    return found


@needs(SEES)
def risk_outcomes(request: HttpRequest) -> HttpResponse:
    """What was prevented in a time, and what was not: the figures, and each row behind them."""
    user, now = person(request), utc_now()
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else USUAL_PERIOD
    spans = [(str(span), _("the last %(n)d days") % {"n": span}) for span in PERIODS]
    context = {
        "page": page_of(list_outcomes(user, days, now), request, per_page=PER_PAGE),
        "counted": count_outcomes(user, days, now),
        "filters": [{"name": "days", "label": _("Time"), "value": str(days), "choices": spans}],
    }
    return render(request, "watch/risks/outcomes.html", context)


@needs(SEES)
def risk_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One hidden risk."""
    user = person(request)
    return shown(request, user, get_risk_for(user, ref))


def shown(request: HttpRequest, user: User, risk: Risk, error: str = "", **forms: Any) -> HttpResponse:
    """The page of a risk, perhaps with a sentence that refused something."""
    context = {
        "risk": risk,
        "now": utc_now(),
        "deeds": page_of(list_deeds(risk), request, per_page=PER_PAGE),
        "may_edit": can(user, HANDLES),
        "may_see_rule": risk.rule.deleted_at is None and (user.is_provider or risk.rule.customer_id is not None),
        "open_alert": risk.alerts.filter(closed_at__isnull=True).first(),
        "taking": TakingForm(user, risk),
        "noting": NoteForm(),
        "closing": ClosingForm(),
        "error": error,
        **forms,
    }
    wrong = error or any(form.errors for form in forms.values())
    return render(request, "watch/risks/risk.html", context, status=400 if wrong else 200)


def deed(request: HttpRequest, ref: str, do: Callable[[User, Risk], HttpResponse | None]) -> HttpResponse:
    """One thing done with a risk, whose page follows; what was refused stands on it as a sentence."""
    user = person(request)
    risk = get_risk_for(user, ref)
    require(user, HANDLES)
    try:
        return do(user, risk) or redirect("watch:risk", ref)
    except Refused as refused:
        return shown(request, user, get_risk_for(user, ref), refused.sentence)


@require_POST
@needs(SEES)
def risk_taking(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it to somebody, to be dealt with by a day."""

    def do(user: User, risk: Risk) -> HttpResponse | None:
        form = TakingForm(user, risk, request.POST)
        if not form.is_valid():
            return shown(request, user, risk, taking=form)
        owner, due_at = form.chosen()
        take_risk(risk=risk, owner=owner, due_at=due_at, actor=user, now=utc_now())
        return None

    return deed(request, ref, do)


@require_POST
@needs(SEES)
def risk_note(request: HttpRequest, ref: str) -> HttpResponse:
    """Write a line into its history."""

    def do(user: User, risk: Risk) -> HttpResponse | None:
        form = NoteForm(request.POST)
        if not form.is_valid():
            return shown(request, user, risk, noting=form)
        note_on(risk=risk, text=form.cleaned_data["text"], actor=user, now=utc_now())
        return None

    return deed(request, ref, do)


@require_POST
@needs(SEES)
def risk_closing(request: HttpRequest, ref: str) -> HttpResponse:
    """Close it, or open it again where `reopen` is said."""

    def do(user: User, risk: Risk) -> HttpResponse | None:
        if "reopen" in request.POST:
            reopen_by_hand(risk=risk, reason="", actor=user, now=utc_now())
            return None
        form = ClosingForm(request.POST)
        if not form.is_valid():
            return shown(request, user, risk, closing=form)
        said = form.cleaned_data
        close_by_hand(
            risk=risk, closing=said["closing"], reason=said["reason"], until=said["until"], actor=user, now=utc_now()
        )
        return None

    return deed(request, ref, do)
