"""End users' complaints over the API: read, counted, and taken in as a file. Rows come in at /api/complaints."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Field, File, Router, Schema, UploadedFile

from aftercare.accounts.access import get_app_for, person, require
from aftercare.accounts.models import User
from aftercare.desk.actions.complaints import take_file
from aftercare.desk.complaints.counting import SPANS, complaints_between, complaints_for, counts_by_app
from aftercare.desk.complaints.reading import LARGEST_FILE
from aftercare.desk.complaints.writing import csv_lines
from aftercare.desk.models import Complaint
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.api import Page, page_of_rows

router = Router(tags=["complaints"])
NO_FILE: Any = File(None)  # type: ignore[type-arg]
CSV = {200: {"description": "CSV, streamed", "content": {"text/csv": {"schema": {"type": "string"}}}}}


class ComplaintOut(Schema):
    """One complaint; the end user is a hash, as everywhere."""

    id: str = Field(description="the customer's own number of it")
    app: str
    at: datetime
    user_hash: str
    kind: str
    stream: str
    words: str
    way: str
    received_at: datetime

    @staticmethod
    def resolve_id(complaint: Complaint) -> str:
        """The customer's own number."""
        return complaint.external_id

    @staticmethod
    def resolve_app(complaint: Complaint) -> str:
        """The app's ref."""
        return complaint.app.ref


class ComplaintPage(Page):
    """Complaints, the last received first."""

    complaints: list[ComplaintOut]


class StepOut(Schema):
    """How many within one step."""

    at: datetime
    count: int


class CountOut(Schema):
    """One app's complaints in the span. `is_known` false: none was ever sent, nothing is known, and 0 means nothing."""

    app: str
    total: int
    is_known: bool
    first_at: datetime | None
    step_s: int
    steps: list[StepOut]


class AppCountOut(Schema):
    """An app that has sent complaints, and how many in the span."""

    app: str
    count: int


class BadLineOut(Schema):
    """A line of a file that was not taken."""

    line: int
    sentence: str


class TakenOut(Schema):
    """What became of a file: new rows, rows known by their id, bad lines and the first 200 of them."""

    new: int
    known: int
    bad: int
    errors: list[BadLineOut]


@router.get("/complaints", response=ComplaintPage, summary="Complaints")
def list_complaints(
    request: HttpRequest, app: str = "", span: str = "30d", cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """Complaints of the caller's apps in the last 24h, 7d or 30d."""
    user = reader(request)
    rows = complaints_for(user).filter(at__gte=utc_now() - SPANS.get(span, SPANS["30d"]))
    if app:
        rows = rows.filter(app=get_app_for(user, app))
    found, following = page_of_rows(rows, cursor, limit)
    return {"complaints": found, "next": following}


@router.get("/complaints/counts", response=list[AppCountOut], summary="Complaints by app")
def counts(request: HttpRequest, span: str = "24h") -> list[dict[str, Any]]:
    """Apps that ever sent any, the most complained of first."""
    user, now = reader(request), utc_now()
    counted = counts_by_app(user, now - SPANS.get(span, SPANS["24h"]), now)
    return [{"app": app.ref, "count": count} for app, count in counted]


@router.get("/apps/{ref}/complaints/counts", response=CountOut, summary="An app's complaints over time")
def count(request: HttpRequest, ref: str, span: str = "24h") -> dict[str, Any]:
    """By minute, hour or day, zero steps too."""
    user, now = reader(request), utc_now()
    app = get_app_for(user, ref)
    counted = complaints_between(app, now - SPANS.get(span, SPANS["24h"]), now)
    return {
        "app": app.ref,
        "total": counted.total,
        "is_known": counted.is_known,
        "first_at": counted.first_at,
        "step_s": counted.step_s,
        "steps": [{"at": at, "count": number} for at, number in counted.by_step],
    }


@router.post("/apps/{ref}/complaints/file", response=TakenOut, summary="Take in a CSV of complaints")
def upload(request: HttpRequest, ref: str, file: UploadedFile | None = NO_FILE) -> dict[str, Any]:
    """`multipart/form-data`, field `file`, at most 60 MB: good lines are kept beside bad ones, each once."""
    user = person(request)
    app = get_app_for(user, ref)
    require(user, "open_tickets")
    if file is None or file.size is None or file.size > LARGEST_FILE:
        raise Refused(_("Choose a CSV of at most 60 MB."))
    taken = take_file(app=app, chunks=file.chunks(), actor=user, now=utc_now())
    errors = [{"line": bad.line, "sentence": bad.sentence} for bad in taken.errors]
    return {"new": taken.new, "known": taken.known, "bad": taken.bad, "errors": errors}


@router.get("/apps/{ref}/complaints/export", summary="Complaints as CSV", openapi_extra={"responses": CSV})
def export(request: HttpRequest, ref: str, span: str = "30d") -> StreamingHttpResponse:
    """The complaints of one app in a span."""
    user = person(request)
    app = get_app_for(user, ref)
    require(user, "see_telemetry")
    rows = complaints_for(user).filter(app=app, at__gte=utc_now() - SPANS.get(span, SPANS["30d"]))
    lines = csv_lines(rows.order_by("at", "pk").iterator())
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="complaints.csv"'
    return answer


def reader(request: HttpRequest) -> User:
    """Whoever may see what was measured."""
    user = person(request)
    require(user, "see_telemetry")
    return user
