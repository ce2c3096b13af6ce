"""The browser SDK, at addresses from which the pages of customers load it."""

from django.http import Http404, HttpRequest, HttpResponse

from aftercare.web.static_files import VERSION, static_file

FILES = ("aftercare.js", "aftercare.classic.js")
# An address in somebody else's page cannot be changed with each release: it is asked about again after ten minutes.
CACHED = "public, max-age=600, stale-while-revalidate=86400"


def sdk_file(request: HttpRequest, name: str) -> HttpResponse:
    """`/sdk/aftercare.js` or its classic twin, for any origin, also one that isolates itself (COEP); 404 for others."""
    if name not in FILES:
        raise Http404
    response = static_file(request, f"sdk/{name}")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if VERSION not in request.GET:
        response["Cache-Control"] = CACHED
    return response
