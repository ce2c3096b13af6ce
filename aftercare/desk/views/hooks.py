"""The keyed address for call centres and defect trackers: checked, kept, answered; worked on after."""

import hashlib
import json

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from aftercare.desk.accounts import CALLS, TRACKER, is_signed
from aftercare.desk.inward import take_in
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account, Channel

LARGEST = 262_144
USES = (CALLS, TRACKER)


@csrf_exempt
@transaction.atomic
def hook(request: HttpRequest, ref: str) -> JsonResponse:
    """200 means kept. 401 without a good signature; an address that does not exist or is out of use says the same."""
    if request.method != "POST":
        return JsonResponse({"error": "POST here."}, status=405, headers={"Allow": "POST"})
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST:
        return JsonResponse({"error": "The body is too large."}, status=413)
    account = Account.objects.filter(ref=ref, channel=Channel.WEBHOOK, enabled=True, config__use__in=USES).first()
    body = request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    if account is None or not is_signed(account, headers, body):
        return JsonResponse({"error": "The signature is missing or wrong."}, status=401)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        return JsonResponse({"error": "The body must be a JSON object."}, status=400)
    # A sender that signs by Standard Webhooks names its message; another is known by what it said.
    told_id = request.headers.get("webhook-id") if not request.headers.get("X-Signature") else ""
    message_id = told_id or hashlib.sha256(body).hexdigest()
    kept = json.loads(json.dumps(payload).replace("\\u0000", ""))
    is_new = take_in(
        account=account,
        provider_message_id=message_id,
        kind=str(account.config["use"]),
        payload=kept,
        now=utc_now(),
    )
    return JsonResponse({"kept": True, "new": is_new})
