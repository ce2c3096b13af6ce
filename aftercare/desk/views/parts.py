"""What several of the desk's views answer with."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from aftercare.desk.files import path_of, pieces
from aftercare.desk.models import Attachment
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
