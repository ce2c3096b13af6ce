"""Kept files and exports as answers, the same for pages, chat windows and the API."""

from datetime import datetime

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.exporting import as_csv, as_json
from aftercare.desk.files import path_of, pieces
from aftercare.desk.models import Attachment
from aftercare.desk.queries import InboxFilter, list_tickets
from aftercare.web.streaming import streamed


def as_download(request: HttpRequest, file: Attachment) -> HttpResponseBase:
    """The file to be saved, never shown as a page: no name, type or content of it can make a browser run anything here.

    Raises Http404 where its bytes are gone.
    """
    path = path_of(file.sha256)
    if not path.is_file():
        raise Http404
    kind = file.media_type if file.is_picture else "application/octet-stream"
    response = streamed(request, pieces(path), content_type=kind)
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def as_export(
    request: HttpRequest, user: User, wanted: InboxFilter, *, is_json: bool, now: datetime
) -> HttpResponseBase:
    """The tickets that `user` may see under these filters as CSV or JSON, streamed; every export is in the audit."""
    audit.record(
        actor=user,
        action="ticket.export",
        subject="tickets",
        customer_id=user.customer_id,
        detail={"format": "json" if is_json else "csv", "status": wanted.status, "words": wanted.words},
        now=now,
    )
    told = (as_json if is_json else as_csv)(user, list_tickets(user, wanted))
    ending, kind = ("json", "application/json") if is_json else ("csv", "text/csv; charset=utf-8")
    response = streamed(request, told, content_type=kind)
    name = f"tickets-{now:%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
