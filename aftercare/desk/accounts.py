"""Call centres and defect trackers as accounts of the channel webhook: signed both ways by one secret each.

`config["use"]` is CALLS or TRACKER. Inward their calls come to `/hooks/desk/<ref>` with a Standard Webhooks signature,
or, where a sender cannot sign so, with an HMAC-SHA256 of the body in `X-Signature`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from standardwebhooks import Webhook, WebhookVerificationError

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.notify.actions import checked_webhook, new_webhook_secret
from aftercare.notify.envelope import WEBHOOK_SECRET, credentials_of, sealed
from aftercare.notify.models import Account, Channel

CALLS, TRACKER = "calls", "tracker"


@transaction.atomic
def add_account(*, use: str, name: str, config: Mapping[str, Any], actor: User, now: datetime) -> tuple[Account, str]:
    """A call centre or a tracker, and the secret that both sides sign with: shown once. Raises Refused without a name,
    or for an address that cannot be called.
    """
    name = " ".join(name.replace("\x00", "").split())[:120]
    if not name:
        raise Refused(_("Give it a name by which your colleagues know it."))
    if config.get("url"):
        checked_webhook(str(config["url"]))
    secret = new_webhook_secret()
    account = Account.objects.create(
        channel=Channel.WEBHOOK,
        name=name,
        config={**config, "use": use},
        secrets=sealed({WEBHOOK_SECRET: secret}),
        created_at=now,
    )
    keep(account, "desk_account.add", actor, now)
    return account, secret


@transaction.atomic
def set_enabled(*, account: Account, enabled: bool, actor: User, now: datetime) -> None:
    """Take it in use or out of it."""
    account.enabled = enabled
    account.save(update_fields=["enabled"])
    keep(account, "desk_account.enable" if enabled else "desk_account.disable", actor, now)


def accounts_of(use: str) -> list[Account]:
    """All of one kind, by name."""
    return list(Account.objects.filter(channel=Channel.WEBHOOK, config__use=use).order_by("name", "pk"))


def tracker_named(ref: str) -> Account:
    """The tracker with this ref. Raises Refused where there is none."""
    account = Account.objects.filter(ref=ref, channel=Channel.WEBHOOK, config__use=TRACKER).first()
    if account is None:
        raise Refused(_("Choose a tracker."))
    return account


def is_signed(account: Account, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body was signed with the account's secret; a Standard Webhooks one is at most 5 minutes old."""
    secret = credentials_of(account).secrets.get(WEBHOOK_SECRET, "")
    if not secret:
        return False
    plain = headers.get("x-signature", "")
    if plain:
        made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(made, plain.removeprefix("sha256=").lower().encode("ascii", "replace").decode())
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def keep(account: Account, action: str, actor: User, now: datetime) -> None:
    """The audit row."""
    detail = {"name": account.name, "use": account.config.get("use", "")}
    audit.record(actor=actor, action=action, subject=account.ref, customer_id=None, detail=detail, now=now)
