"""End users' complaints: the way in for customers' systems, the upload, the page."""

import json
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from aftercare.accounts.access import apps_for, can, get_app_for, person, require
from aftercare.accounts.models import App, User
from aftercare.accounts.queries import find_key, is_good
from aftercare.desk.actions.complaints import Taken, take_complaints, take_file
from aftercare.desk.complaints.counting import SPANS, Complaints, complaints_between, complaints_for, counts_by_app
from aftercare.desk.complaints.reading import LARGEST_FILE
from aftercare.desk.complaints.rows import Told, read_row
from aftercare.desk.complaints.writing import csv_lines
from aftercare.desk.models import ComplaintWay
from aftercare.desk.views.places import places
from aftercare.kernel.allowances import Allowance
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of

MOST_ROWS = 1_000
INTAKES = Allowance(120, 60)  # requests of one customer, whatever its keys


@csrf_exempt
@transaction.non_atomic_requests
def intake(request: HttpRequest) -> JsonResponse:
    """POST {"complaints": [{"id", "time", "user", "words", "kind", "stream"}]} with an app's key as bearer.

    Good rows are kept beside bad ones, each once by its id. 200 tells what became of each; 400 that nothing was read;
    429 that the customer sends too often, with Retry-After.
    """
    if request.method != "POST":
        return JsonResponse({"error": "POST complaints here."}, status=405, headers={"Allow": "POST"})
    now = utc_now()
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    key = find_key(secret.strip()) if scheme.lower() == "bearer" and secret else None
    if key is None or key.app is None:
        return JsonResponse({"error": "Send the key of an app as “Authorization: Bearer …”."}, status=401)
    if not is_good(key, now):
        return JsonResponse({"error": "This key is revoked or has expired."}, status=410)
    wait_s = INTAKES.take(str(key.app.customer_id), now)
    if wait_s:
        said = f"Over {INTAKES.most} requests a minute: send up to {MOST_ROWS} complaints in one, and this one later."
        return JsonResponse({"error": said}, status=429, headers={"Retry-After": str(ceil(wait_s))})
    try:
        told = rows_of(request)
    except Refused as refused:
        return JsonResponse({"error": refused.sentence}, status=400)
    app = App.objects.select_related("customer").get(pk=key.app.pk)
    good, errors = list[Told](), list[dict[str, Any]]()
    for index, row in enumerate(told):
        try:
            good.append(read_row(row, zone=ZoneInfo(app.customer.timezone), now=now))
        except Refused as refused:
            errors.append({"index": index, "error": refused.sentence})
    new, known = take_complaints(app=app, rows=good, way=ComplaintWay.API, now=now) if good else (0, 0)
    return JsonResponse({"new": new, "known": known, "errors": errors})


def rows_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The body's rows. Raises Refused for a body that is too large or of another shape."""
    try:
        body = json.loads(request.body)
    except RequestDataTooBig:
        raise Refused(_("A body may have %(most)s bytes.") % {"most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}) from None
    except (ValueError, RecursionError):
        raise Refused(_("The body is not JSON.")) from None
    rows = body.get("complaints") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(_('The body must be {"complaints": [{…}, …]}.'))
    if len(rows) > MOST_ROWS:
        raise Refused(_("Send at most %(most)s complaints at once.") % {"most": MOST_ROWS})
    return rows


@login_required
def complaints(request: HttpRequest) -> HttpResponse:
    """How many complained, when, and of what; per app."""
    user = person(request)
    require(user, "see_telemetry")
    return render(request, "desk/complaints.html", page_context(request, user))


def page_context(request: HttpRequest, user: User, taken: Taken | None = None) -> dict[str, Any]:
    """Everything the page shows."""
    now = utc_now()
    span = request.GET.get("span", "24h")
    span = span if span in SPANS else "24h"
    start = now - SPANS[span]
    by_app = counts_by_app(user, start, now)
    app = apps_for(user).filter(ref=request.GET.get("app", "")[:16].replace("\x00", "")).first()
    app = app or (by_app[0][0] if by_app else apps_for(user).order_by("pk").first())
    counted = complaints_between(app, start, now) if app else None
    listed = complaints_for(user).filter(app=app, at__gte=start).order_by("-at", "-pk")
    spans = [("24h", _("24 hours")), ("7d", _("7 days")), ("30d", _("30 days"))]
    choices = [(one.ref, one.display_name) for one in apps_for(user)[:200]]
    return {
        "places": places("complaints") if user.is_provider else [],
        "app": app,
        "by_app": by_app,
        "counted": counted,
        "chart": chart_of(counted) if counted and counted.is_known else None,
        "page": page_of(listed, request),
        "span": span,
        "filters": [
            {"name": "app", "label": _("App"), "value": app.ref if app else "", "choices": choices},
            {"name": "span", "label": _("Time"), "value": span, "choices": spans},
        ],
        "may_send": may_send(user),
        "taken": taken,
    }


def may_send(user: User) -> bool:
    """Whether this person may upload: whoever opens tickets."""
    return can(user, "open_tickets")


def chart_of(counted: Complaints) -> dict[str, Any]:
    """The chart component's JSON."""
    return {
        "unit": "",
        "digits": 0,
        "noun": _("complaints"),
        "times": [at.timestamp() for at, _count in counted.by_step],
        "series": [{"label": _("Complaints"), "values": [count for _at, count in counted.by_step]}],
        "min": 0,
    }


@login_required
@require_POST
def upload(request: HttpRequest, ref: str) -> HttpResponse:
    """A CSV of complaints of one app; answers with what became of it, line by line where a line was not taken."""
    user = person(request)
    app = get_app_for(user, ref)
    require(user, "open_tickets")
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > LARGEST_FILE:
        messages.error(request, _("Choose a CSV of at most 60 MB."))
        return redirect("desk:complaints")
    try:
        taken = take_file(app=app, chunks=file.chunks(), actor=user, now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("desk:complaints")
    query = request.GET.copy()
    query["app"] = app.ref
    request.GET = query  # type: ignore[assignment]
    return render(request, "desk/complaints.html", page_context(request, user, taken))


@login_required
def export(request: HttpRequest, ref: str) -> StreamingHttpResponse:
    """The complaints of one app in a span as CSV; users by their hash, as everywhere."""
    user = person(request)
    app = get_app_for(user, ref)
    require(user, "see_telemetry")
    span = SPANS.get(request.GET.get("span", ""), SPANS["30d"])
    rows = complaints_for(user).filter(app=app, at__gte=utc_now() - span).order_by("at", "pk")
    answer = StreamingHttpResponse(csv_lines(rows.iterator()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="complaints.csv"'
    return answer
