"""What several of the desk's views answer with."""

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from aftercare.desk.files import open_file
from aftercare.desk.models import Attachment


def as_download(attachment: Attachment) -> HttpResponse:
    """The file to be saved, never shown: whatever is in it runs nowhere. Raises Http404 where its bytes are gone."""
    try:
        with open_file(attachment) as stream:
            answer = HttpResponse(stream.read(), content_type="application/octet-stream")
    except FileNotFoundError:
        raise Http404 from None
    answer.headers["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
