"""Every room's static files, out of the packages themselves, under addresses that change with their content."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

VERSION = "v"
YEAR_S = 365 * 24 * 3600
# What browsers need to be told exactly, whatever this machine's table of types says.
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent; `zipped` is empty for kinds that are compressed already."""

    kind: str
    digest: str
    plain: bytes
    zipped: bytes


@lru_cache(maxsize=512)
def static_file_named(name: str) -> StaticFile | None:
    """The file, read once per process; None when no room has it or the name leads outside."""
    try:
        found = finders.find(name)
    except (SuspiciousFileOperation, ValueError):
        return None
    path = Path(str(found))
    if not found or not path.is_file():
        return None
    plain = path.read_bytes()
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    zipped = gzip.compress(plain, 9, mtime=0) if path.suffix in TYPES else b""
    return StaticFile(kind, hashlib.sha256(plain).hexdigest()[:16], plain, zipped)


class VersionedStorage(StaticFilesStorage):
    """`{% static %}` with the content's digest in the address."""

    def url(self, name: str | None) -> str:
        """`/static/web/icon.svg?v=…`; without a version when the file does not exist."""
        plain = super().url(name)
        found = static_file_named(name) if name else None
        return f"{plain}?{urlencode({VERSION: found.digest})}" if found else plain


def static_file(request: HttpRequest, path: str) -> HttpResponse:
    """The file; kept for a year when asked for by its present version, else checked again each time."""
    found = static_file_named(path)
    if found is None:
        raise Http404
    etag = f'W/"{found.digest}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    is_zipped = bool(found.zipped) and "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.zipped if is_zipped else found.plain, content_type=found.kind)
    if is_zipped:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    is_present = request.GET.get(VERSION) == found.digest
    response["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if is_present else "no-cache"
    response["ETag"] = etag
    return response
