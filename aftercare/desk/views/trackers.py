"""Call centres and defect trackers: their addresses, mappings, and trying a mapping out."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.accounts import CALLS, TRACKER, accounts_of, set_enabled, tracker_named
from aftercare.desk.actions import phone
from aftercare.desk.actions import trackers as defects
from aftercare.desk.connecting import FIELDS, connect, get_desk_account, tried
from aftercare.desk.mapping import pairs
from aftercare.desk.models import Inbound, Ticket
from aftercare.desk.views.places import places
from aftercare.desk.views.staff import staff_page, staff_write, told
from aftercare.desk.views.writes import deed
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

MANAGE = "manage_accounts"
LONGEST_SAMPLE = 100_000


@staff_page()
def trackers(request: HttpRequest) -> HttpResponse:
    """Every account with its address and what came in last."""
    return page(request)


def page(request: HttpRequest, **more: Any) -> HttpResponse:
    """The page, with a new secret or the outcome of a trial where there is one."""
    user = person(request)
    told_accounts = [
        {
            "account": account,
            "use": use,
            "address": f"{settings.BASE_URL}/hooks/desk/{account.ref}",
            "last": list(Inbound.objects.filter(account=account).order_by("-received_at", "-pk")[:5]),
        }
        for use in (TRACKER, CALLS)
        for account in accounts_of(use)
    ]
    context = {
        "places": places("trackers"),
        "rows": told_accounts,
        "may_manage": can(user, MANAGE),
        "tracker_fields": defects.FIELDS,
        "call_fields": phone.FIELDS,
        "ours": ", ".join(defects.OURS),
        **more,
    }
    return render(request, "desk/trackers.html", context, status=409 if more.get("error") else 200)


@staff_page(MANAGE)
def new_tracker(request: HttpRequest) -> HttpResponse:
    """Add one; its secret is shown on the page that follows and never again."""
    if request.method != "POST":
        return page(request)
    use = told(request, "use")
    try:
        account, secret = connect(
            use=use,
            name=told(request, "name"),
            url=told(request, "url"),
            paths={name: told(request, f"map_{name}") for name in FIELDS.get(use, ())},
            values=pairs(told(request, "values")),
            fields=pairs(told(request, "fields")),
            actor=person(request),
            now=utc_now(),
        )
    except Refused as refused:
        return page(request, error=refused.sentence)
    return page(request, made=account, secret=secret)


@staff_write("desk:trackers", MANAGE)
def state(request: HttpRequest, user: User, now: datetime, ref: str) -> None:
    """Take one in use or out of it."""
    set_enabled(account=get_desk_account(ref), enabled=told(request, "enabled") == "1", actor=user, now=now)


@staff_page(MANAGE)
def trial(request: HttpRequest, ref: str) -> HttpResponse:
    """What a pasted JSON would come to by an account's mapping; nothing is kept."""
    account = get_desk_account(ref)
    try:
        sample = json.loads(request.POST.get("sample", "")[:LONGEST_SAMPLE])
    except (ValueError, RecursionError):
        return page(request, tried=account, error=_("What you pasted is not JSON."))
    return page(
        request, tried=account, found=list(tried(account, sample).items()), sample=request.POST.get("sample", "")
    )


@deed(provider=True)
def tell(request: HttpRequest, user: User, ticket: Ticket, now: datetime) -> None:
    """Open a defect about the ticket in a tracker, or comment on it."""
    account = tracker_named(told(request, "tracker"))
    defects.tell_tracker(ticket=ticket, account=account, words=told(request, "words"), actor=user, now=now)
