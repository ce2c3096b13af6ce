"""The pages of changes: the list with its weeks, one change, drafting and wording."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from aftercare.accounts.access import can, person
from aftercare.accounts.models import Customer, User
from aftercare.desk.access import get_ticket_for
from aftercare.incidents.changes.access import get_change_for, own_row
from aftercare.incidents.changes.announcing import would_be_late
from aftercare.incidents.changes.forms import (
    local_initial,
)
from aftercare.incidents.changes.freezing import freezes_on, may_break
from aftercare.incidents.changes.queries import (
    WEEKS,
    WHICH,
    change_of_ticket,
    list_changes,
    map_says_more,
    standings,
    story_of,
    weeks_of,
)
from aftercare.incidents.changes.rules import change_rules
from aftercare.incidents.changes.running import unconfirmed
from aftercare.incidents.changes.types import EARLY
from aftercare.incidents.changes.words import feel_words, late_words, window_words
from aftercare.incidents.models import (
    COMING,
    Answer,
    Change,
    ChangeCustomer,
    ChangeState,
    PublicMaintenance,
    Risk,
    StatusPage,
)
from aftercare.incidents.status.maintenance import PUBLIC_STATES
from aftercare.kernel.clock import utc_now
from aftercare.web.paging import page_of

PER_PAGE = 50
LISTED = 50
ACTS = "act_on_incidents"


@login_required
@require_GET
def change_list(request: HttpRequest) -> HttpResponse:
    """What is coming, as weeks and as a list; `?which=ended` what was, `?from=` another first week."""
    user = person(request)
    which = request.GET.get("which", "")
    which = which if which in WHICH else "open"
    page = page_of(list_changes(user, which), request, per_page=PER_PAGE)
    if not user.is_provider:
        own = {row.change_id: row for row in own_rows(user, page.rows)}
        context = {"page": page, "rows": [(one, own[one.pk]) for one in page.rows if one.pk in own], "which": which}
        return render(request, "incidents/changes/own_changes.html", context)
    now, zone = utc_now(), timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    first = day_asked(request.GET.get("from", ""), today)
    context = {
        "page": page,
        "which": which,
        "weeks": weeks_of(user, first, zone, today),
        "earlier": first - timedelta(weeks=WEEKS),
        "later": first + timedelta(weeks=WEEKS),
        "is_now": first == today,
        "may_act": can(user, ACTS),
        "may_rule": can(user, "manage_oncall"),
    }
    return render(request, "incidents/changes/changes.html", context)


def own_rows(user: User, changes: Any) -> list[ChangeCustomer]:
    """What these changes are to the reader's customer."""
    rows = ChangeCustomer.objects.filter(change__in=[one.pk for one in changes], customer=user.customer_id)
    return list(rows.filter(removed_at=None).select_related("change", "customer"))


def day_asked(text: str, today: date) -> date:
    """The day that the address names, within ten years of today; else today."""
    try:
        asked = date.fromisoformat(text[:10])
    except ValueError:
        return today
    return asked if abs((asked - today).days) < 3650 else today


@login_required
@require_GET
def change_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One change: to ours everything, to a customer what it is to them."""
    user = person(request)
    return shown(request, user, get_change_for(user, ref))


def shown(request: HttpRequest, user: User, change: Change, *, error: str = "", status: int = 200) -> HttpResponse:
    """The page, with what was refused."""
    if not user.is_provider:
        row = own_row(user, change)
        context = {"change": change, "own": row, "error": error, **answer_context(user, row)}
        return render(request, "incidents/changes/own_change.html", context, status=status)
    return render(
        request,
        "incidents/changes/change.html",
        change_context(user, change, is_whole="whole" in request.GET) | {"error": error},
        status=status,
    )


def answer_context(user: User, row: ChangeCustomer) -> dict[str, Any]:
    """What the part with the customer's answer shows."""
    change = row.change
    told = row.notices.filter(told_at__isnull=False, is_folded=False).order_by("told_at", "pk")
    return {
        "window": window_words(change, row.customer),
        "feel": feel_words(change),
        "may_answer": change.state == ChangeState.ANNOUNCED and can(user, "reply_to_tickets"),
        "told": list(told),
        "coming": list(row.notices.filter(told_at=None, dropped_at=None).order_by("due_at")),
    }


def change_context(user: User, change: Change, *, is_whole: bool = False) -> dict[str, Any]:
    """Everything that ours see: of many customers the first LISTED, whoever asks or has not answered before others."""
    now = utc_now()
    rows = standings(change)
    is_draft, is_coming = change.state == ChangeState.DRAFT, change.state in COMING
    is_announced = change.state == ChangeState.ANNOUNCED
    freezes = [{"freeze": one, "may_break": may_break(user, one)} for one in freezes_on(change)] if is_draft else []
    waiting = unconfirmed(change)
    acts = can(user, ACTS)
    return {
        "change": change,
        "window": window_words(change),
        "late": late_words(change) if change.is_late else "",
        "rows": rows if is_whole else rows[:LISTED],
        "touched": len(rows),
        "hidden": 0 if is_whole else max(len(rows) - LISTED, 0),
        "confirmed": sum(one.touched.present_answer == Answer.CONFIRM for one in rows),
        "asking": [(one.touched, wish_as_typed(one.touched)) for one in rows if one.touched.is_asking],
        "waiting": waiting,
        "needs_decision": bool(waiting) and change.risk != Risk.LOW,
        "would_be_late": (is_draft or is_coming) and would_be_late(change, change.starts_at, now),
        "promised": change_rules().promised_lead_h,
        "freezes": freezes,
        "is_past": change.starts_at <= now,
        "story": story_of(change),
        "suspected": change.suspected.select_related("incident").order_by("-incident__opened_at"),
        "resources": change.resources.all(),
        "apps": change.apps.select_related("customer"),
        "more": map_says_more(change) if acts and not is_draft else [],
        "others": Customer.objects.exclude(pk__in=change.customers.filter(removed_at=None).values("customer")),
        "may_act": acts,
        "is_draft": is_draft,
        "is_coming": is_coming,
        "may_announce": acts and is_draft,
        "may_start": acts and is_announced and change.starts_at - EARLY <= now < change.ends_at,
        "is_over": is_announced and change.ends_at <= now,
        "may_end": acts and change.state == ChangeState.RUNNING,
        "local": local_initial(change.starts_at, change.ends_at, change.timezone),
        "public": PublicMaintenance.objects.filter(change=change).first(),
        "may_publish": acts and change.state in PUBLIC_STATES and has_public_page(),
    }


def has_public_page() -> bool:
    """Whether there is a public status page to show it on."""
    return StatusPage.objects.filter(customer=None, is_open=True).exists()


def wish_as_typed(touched: ChangeCustomer) -> dict[str, Any]:
    """The wished window as the form of moving takes it; empty without one."""
    if touched.wished_from is None or touched.wished_until is None:
        return {}
    return local_initial(touched.wished_from, touched.wished_until, touched.change.timezone)


@login_required
@require_GET
def of_ticket(request: HttpRequest, ref: str) -> HttpResponse:
    """What a ticket's page shows of the change that it is about: the window, and a way to answer."""
    user = person(request)
    row = change_of_ticket(user, get_ticket_for(user, ref).pk)
    context = {"own": row, "change": row.change, **answer_context(user, row)} if row else {}
    return render(request, "incidents/changes/_of_ticket.html", context)
