"""Files over the API: uploaded before their message, sent with it by ref, given out as downloads."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, Status, UploadedFile

from aftercare.accounts.access import can, person
from aftercare.desk.access import get_file_for, unsent_files_of
from aftercare.desk.downloads import as_download
from aftercare.desk.models import Attachment
from aftercare.desk.uploads import keep_uploads
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

router = Router(tags=["files"])
NO_FILES: Any = File([])  # type: ignore[type-arg]


class FileOut(Schema):
    """A file. One that was `refused` (too large, empty) has no bytes and says why."""

    ref: str
    name: str
    media_type: str
    size: int
    sha256: str
    refused: str

    @staticmethod
    def resolve_refused(file: Attachment) -> str:
        """Why, in the caller's language; empty for a file that was kept."""
        return file.why_refused


class Uploaded(Schema):
    """What became of each file, in their order."""

    files: list[FileOut]


@router.post("/files", response={201: Uploaded}, summary="Upload files")
def upload(request: HttpRequest, files: list[UploadedFile] = NO_FILES) -> Status[dict[str, list[Attachment]]]:
    """Take in at most 10 files (`multipart/form-data`, field `files`). Send their refs with a ticket or a message; what
    is not sent within a day is forgotten.
    """
    user = person(request)
    if not (can(user, "reply_to_tickets") or can(user, "open_tickets")):
        raise PermissionDenied("reply_to_tickets")
    if not files:
        raise Refused(_("Send files as multipart/form-data, in fields named “files”."))
    return Status(201, {"files": keep_uploads(sent=files, user=user, now=utc_now())})


@router.get(
    "/files/{ref}",
    summary="Download a file",
    openapi_extra={
        "responses": {
            200: {
                "description": "The bytes, as an attachment",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def download(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A file of a message that the caller may read, or an upload of their own."""
    return as_download(request, get_file_for(person(request), ref))


@router.delete("/files/{ref}", response={204: None}, summary="Take back an upload")
def discard(request: HttpRequest, ref: str) -> Status[None]:
    """Take back an upload that was not sent."""
    file = unsent_files_of(person(request), [ref]).first()
    if file is None:
        raise Http404
    file.delete()
    return Status(204, None)
