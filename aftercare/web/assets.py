"""All styles and all scripts of the frame as one file each, named by their content so that browsers keep them."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

STATIC = Path(__file__).parent / "static" / "web"
STYLES, SCRIPTS = "aftercare.css", "aftercare.js"
# What others build on comes first; the rest follows by name.
FIRST = {STYLES: ("tokens.css", "base.css"), SCRIPTS: ("core.js",)}
FOLDERS = {STYLES: "css", SCRIPTS: "js"}
KINDS = {STYLES: "text/css; charset=utf-8", SCRIPTS: "text/javascript; charset=utf-8"}
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Bundle:
    """One file: plain, compressed, and the digest in its address."""

    digest: str
    plain: bytes
    zipped: bytes


@cache
def bundle(name: str) -> Bundle:
    """The parts joined in order; made once per process. Raises KeyError for a name that is not ours."""
    folder = STATIC / FOLDERS[name]
    ahead = [folder / part for part in FIRST[name]]
    parts = ahead + sorted(p for p in folder.iterdir() if p.suffix == folder.joinpath(name).suffix and p not in ahead)
    plain = b"\n".join(part.read_bytes() for part in parts)
    return Bundle(hashlib.sha256(plain).hexdigest()[:16], plain, gzip.compress(plain, 9, mtime=0))


def url_of(name: str) -> str:
    """The address under which browsers may keep the file for ever."""
    return reverse("web:asset", args=[bundle(name).digest, name])


def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """The file; an old digest still gets the present file, without being kept."""
    if name not in FOLDERS:
        raise Http404
    found = bundle(name)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.zipped if zipped else found.plain, content_type=KINDS[name])
    if zipped:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    kept = f"public, max-age={YEAR_S}, immutable" if digest == found.digest else "no-store"
    response["Cache-Control"] = kept
    return response
