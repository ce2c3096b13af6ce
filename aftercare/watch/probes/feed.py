"""`GET /v1/probe/targets`: what the agents of one app are to look at, by an ingest key of the app."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_GET

from aftercare.accounts.models import App
from aftercare.accounts.queries import find_key, is_good
from aftercare.kernel.clock import utc_now
from aftercare.watch.models import ProbeTarget

INTERVAL_S = 30


@require_GET
def probe_feed(request: HttpRequest) -> HttpResponse:
    """The targets that are not paused, with an ETag; 304 where the agent knows them already."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    key = find_key(secret.strip()) if kind.lower() == "bearer" and secret.strip() else None
    if key is None:
        return said(401, "this key is not known here; keys are issued in the console under Customers")
    if not is_good(key, utc_now()):
        return said(410, "this key is revoked or has expired; issue a new one and start the agent with it")
    if key.app is None:
        return said(403, "this is the key of a node; a probe needs the key of an app")
    response = JsonResponse({"interval_s": INTERVAL_S, "targets": entries(key.app)})
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["Cache-Control"] = "private, no-cache"
    if request.headers.get("If-None-Match") == response["ETag"]:
        same = HttpResponseNotModified()
        same["ETag"] = response["ETag"]
        return same
    return response


def entries(app: App) -> list[dict[str, object]]:
    """An app's targets as an agent reads them."""
    targets = ProbeTarget.objects.filter(app=app, deleted_at=None, paused_at=None).order_by("pk")
    return [
        {"ref": t.ref, "kind": t.kind, "address": t.address, "every_s": t.every_s, "expect": t.expectations}
        for t in targets
    ]


def said(status: int, sentence: str) -> JsonResponse:
    """A refusal with its sentence, as the front door's are."""
    return JsonResponse({"error": sentence}, status=status)
