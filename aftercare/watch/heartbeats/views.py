"""The pages of heartbeats: all of them, one of them, making and changing."""

import zoneinfo
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, customers_for, needs, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.heartbeats.access import get_heartbeat_for
from aftercare.watch.heartbeats.actions import (
    create_heartbeat,
    delete_heartbeat,
    edit_heartbeat,
    pause_heartbeat,
    resume_heartbeat,
    rotate_key,
)
from aftercare.watch.heartbeats.forms import HeartbeatForm, NewHeartbeatForm
from aftercare.watch.heartbeats.keys import address_of
from aftercare.watch.heartbeats.queries import (
    OWN,
    HeartbeatFilter,
    count_by_status,
    list_changes,
    list_heartbeats,
    list_pings,
    rows_of,
    strip_of,
)
from aftercare.watch.heartbeats.snippets import snippets
from aftercare.watch.heartbeats.types import facts_of
from aftercare.watch.models import Heartbeat, HeartbeatStatus
from aftercare.web.paging import page_of

PER_PAGE = 50
CHANGES_SHOWN = 10
PINGS_PER_PAGE = 25
MOST_CUSTOMERS = 200


@needs("see_telemetry")
def heartbeat_list(request: HttpRequest) -> HttpResponse:
    """The heartbeats that the reader may see, the worst first."""
    user = person(request)
    wanted = filter_of(request)
    page = page_of(list_heartbeats(user, wanted), request, per_page=PER_PAGE)
    context = {
        "page": page,
        "rows": rows_of(page.rows),
        "filters": filters_of(user, wanted),
        "search": {"name": "q", "label": _("Customer, app or name"), "value": wanted.words},
        "is_filtered": wanted != HeartbeatFilter(),
        "summary": summary(count_by_status(user)),
        "may_edit": can(user, "edit_monitors"),
    }
    return render(request, "watch/heartbeats/heartbeats.html", context)


def filter_of(request: HttpRequest) -> HeartbeatFilter:
    """What the address asks for; a status that does not exist narrows nothing."""
    status = request.GET.get("status", "")
    return HeartbeatFilter(
        customer=request.GET.get("customer", "").replace("\x00", "")[:16],
        status=status if status in HeartbeatStatus.values else "",
        words=request.GET.get("q", "").replace("\x00", "").strip()[:100],
    )


def filters_of(user: User, wanted: HeartbeatFilter) -> list[dict[str, Any]]:
    """The choosers above the list; of customers only where there are some to choose from, and not too many."""
    states = {
        "name": "status",
        "label": _("State"),
        "value": wanted.status,
        "choices": [("", _("any")), *HeartbeatStatus.choices],
    }
    customers = list(customers_for(user)[: MOST_CUSTOMERS + 1]) if user.is_provider else []
    if not 1 <= len(customers) <= MOST_CUSTOMERS:
        return [states]
    choices = [("", _("all")), (OWN, _("Our own")), *((one.ref, one.display_name) for one in customers)]
    whose = {"name": "customer", "label": _("Whose"), "value": wanted.customer, "choices": choices}
    return [whose, states]


def summary(counts: dict[str, int]) -> str:
    """How many stand where: `1 down · 12 on time`."""
    names = dict(HeartbeatStatus.choices)
    return " · ".join(f"{count} {names[status]}" for status, count in counts.items() if count)


@needs("see_telemetry")
def heartbeat_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One heartbeat; POST changes it."""
    user = person(request)
    heartbeat = get_heartbeat_for(user, ref)
    form = HeartbeatForm(request.POST or None, initial=facts_of(heartbeat).as_dict())
    if request.method == "POST":
        require(user, "edit_monitors")
        if form.is_valid() and is_changed(user, heartbeat, form):
            return redirect("watch:heartbeat", heartbeat.ref)
    return render(
        request,
        "watch/heartbeats/heartbeat.html",
        context_of(request, user, heartbeat, form),
        status=400 if form.errors else 200,
    )


def context_of(request: HttpRequest, user: User, heartbeat: Heartbeat, form: HeartbeatForm) -> dict[str, Any]:
    """What the page shows; the address only to those who may change the heartbeat."""
    may_edit = can(user, "edit_monitors")
    address = address_of(heartbeat) if may_edit else None
    pings = list(list_pings(heartbeat))
    strip = strip_of(pings)
    (row,) = rows_of([heartbeat])
    return {
        "heartbeat": heartbeat,
        "row": row,
        "pings": page_of(pings, request, per_page=PINGS_PER_PAGE),
        "strip": strip,
        "longest_s": max((bar.took_s for bar in strip), default=None),
        "changes": list_changes(heartbeat)[:CHANGES_SHOWN],
        "form": form,
        "zones": sorted(zoneinfo.available_timezones()),
        "may_edit": may_edit,
        "address": address,
        "open_alert": heartbeat.alerts.filter(closed_at__isnull=True).first(),
        "snippets": snippets(address) if address else [],
    }


def is_changed(user: User, heartbeat: Heartbeat, form: HeartbeatForm) -> bool:
    """Change the heartbeat as a valid form says; False, with the sentence in the form, when that is refused."""
    try:
        edit_heartbeat(heartbeat=heartbeat, facts=form.cleaned_data["facts"], actor=user, now=utc_now())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@needs("edit_monitors")
def heartbeat_new(request: HttpRequest) -> HttpResponse:
    """The form of a new heartbeat, and what it makes."""
    user = person(request)
    form = NewHeartbeatForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        customer, app = form.owner()
        try:
            heartbeat = create_heartbeat(
                customer=customer, app=app, facts=form.cleaned_data["facts"], actor=user, now=utc_now()
            )
            return redirect("watch:heartbeat", heartbeat.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "zones": sorted(zoneinfo.available_timezones())}
    return render(request, "watch/heartbeats/new_heartbeat.html", context, status=400 if form.errors else 200)


@require_POST
@needs("edit_monitors")
def heartbeat_pause(request: HttpRequest, ref: str) -> HttpResponse:
    """Pause a heartbeat, or wait for it again where `resume` is said."""
    user = person(request)
    heartbeat = get_heartbeat_for(user, ref)
    change = resume_heartbeat if "resume" in request.POST else pause_heartbeat
    change(heartbeat=heartbeat, actor=user, now=utc_now())
    return redirect("watch:heartbeat", heartbeat.ref)


@needs("edit_monitors")
def heartbeat_key(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks once more; POST gives it another address."""
    user = person(request)
    heartbeat = get_heartbeat_for(user, ref)
    if request.method == "POST":
        rotate_key(heartbeat=heartbeat, actor=user, now=utc_now())
        return redirect("watch:heartbeat", heartbeat.ref)
    return render(request, "watch/heartbeats/heartbeat_key.html", {"heartbeat": heartbeat})


@needs("edit_monitors")
def heartbeat_deletion(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks once more; POST deletes."""
    user = person(request)
    heartbeat = get_heartbeat_for(user, ref)
    if request.method == "POST":
        delete_heartbeat(heartbeat=heartbeat, actor=user, now=utc_now())
        return redirect("watch:heartbeats")
    return render(request, "watch/heartbeats/heartbeat_deletion.html", {"heartbeat": heartbeat})
