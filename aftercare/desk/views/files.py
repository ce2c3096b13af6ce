"""Uploading and downloading files: taken in one by one, given out as downloads and nothing else."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can, person
from aftercare.accounts.models import User
from aftercare.desk.access import get_file_for, unsent_files_of
from aftercare.desk.downloads import as_download
from aftercare.desk.models import Attachment
from aftercare.desk.uploads import MOST_AT_ONCE, keep_uploads, refuse_too_many
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_GET
def download(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The file, as a download."""
    return as_download(request, get_file_for(person(request), ref))


@login_required
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take files in before their message is sent (the page's script does); each is told of by itself, in JSON."""
    user = person(request)
    if not (can(user, "reply_to_tickets") or can(user, "open_tickets")):
        raise PermissionDenied("reply_to_tickets")
    try:
        kept = kept_files(request, user, utc_now())
    except Refused as refused:
        return JsonResponse({"error": refused.sentence}, status=409)
    return JsonResponse({"files": [as_json(file) for file in kept]})


@login_required
@require_POST
def discard(request: HttpRequest, ref: str) -> HttpResponse:
    """Take back an upload that was not sent; the engine removes its bytes."""
    file = unsent_files_of(person(request), [ref]).first()
    if file is None:
        raise Http404
    file.delete()
    return HttpResponse(status=204)


def kept_files(request: HttpRequest, user: User, now: datetime) -> list[Attachment]:
    """The files of this request, kept. Raises Refused when there are too many, or too much lies unsent."""
    return keep_uploads(sent=request.FILES.getlist("files"), user=user, now=now)


def files_to_send(request: HttpRequest, user: User, now: datetime) -> list[Attachment]:
    """The files that a form sends: uploaded before (`file`, by ref), and with it (`files`).

    They stay with the request, so that a form that is shown again still has them.
    """
    before = list(unsent_files_of(user, request.POST.getlist("file")[: 2 * MOST_AT_ONCE]))
    request.unsent_files = before  # type: ignore[attr-defined]
    files = before + kept_files(request, user, now)
    request.unsent_files = files  # type: ignore[attr-defined]
    refuse_too_many(files)
    return files


def files_still_unsent(request: HttpRequest) -> list[Attachment]:
    """What `files_to_send` kept for a form that is shown again."""
    files: list[Attachment] = getattr(request, "unsent_files", [])
    return files


def as_json(file: Attachment) -> dict[str, object]:
    """What the page's script shows of an upload."""
    return {
        "ref": file.ref,
        "name": file.name,
        "size": file.size,
        "refused": file.why_refused,
        "url": "" if file.refused else reverse("desk:file", args=[file.ref]),
        "discard": reverse("desk:discard_file", args=[file.ref]),
    }
