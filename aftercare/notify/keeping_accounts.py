"""Keeping the provider's accounts with vendors, and trying them out."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify.account_fields import FIELDS, fields_of
from aftercare.notify.account_words import LABELS
from aftercare.notify.actions import send
from aftercare.notify.callee_quotas import OWN, checked_own
from aftercare.notify.contact_addresses import phone_number
from aftercare.notify.envelope import credentials_of, sealed
from aftercare.notify.models import PERSONAL, PHONES, Account, Channel, Delivery

TEST_KIND = "account.test"
VALUE_LIMIT = 8_000
NAMES_AT_MOST = 60


@transaction.atomic
def save_account(
    *,
    account: Account | None,
    channel: str,
    name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
    enabled: bool,
    place: int | None = None,
    actor: User,
    now: datetime,
) -> Account:
    """Make an account or change one; its channel never changes. Secrets that are not in `secrets` stay as they are, an
    empty one is forgotten. The audit keeps their names, never their values. `channel` of SMS and calls names the
    vendor, too: `sms:aliyun`. `place` is the account's among several that could send.

    Raises Refused for a channel that needs no account, a missing name, far too much of anything, and for SMS and calls
    where what they need is missing or their limits are none.
    """
    if account is None:
        account = new_account(channel, now)
    if not name.strip():
        raise Refused(_("Give the account a name."))
    values = [*config.values(), *secrets.values()]
    if len(values) > NAMES_AT_MOST or any(len(str(value)) > VALUE_LIMIT for value in values):
        raise Refused(_("An account has at most %(n)s values, none of them so long.") % {"n": NAMES_AT_MOST})
    is_new = account.pk is None
    kept = {} if is_new else opened(account)
    merged = {key: value for key, value in {**kept, **secrets}.items() if value}
    account.name, account.config, account.enabled = name.strip()[:120], dict(config), enabled
    account.secrets = sealed(merged) if merged else ""
    account.place = place or account.place
    check_complete(account, merged)
    if is_new:
        account.save()
    else:  # what was heard meanwhile is not written over
        account.save(update_fields=["name", "config", "secrets", "enabled", "place"])
    record("account.add" if is_new else "account.change", account, actor, now, secrets_changed=sorted(secrets))
    return account


def new_account(kind: str, now: datetime) -> Account:
    """An account of this kind, not saved yet. Raises Refused."""
    channel, _colon, vendor = kind.partition(":")
    is_known = kind in FIELDS if channel in PERSONAL or vendor else channel in Channel.values
    if not is_known:
        raise Refused(_("Choose the vendor of this account."))
    return Account(channel=channel, vendor=vendor, created_at=now)


def check_complete(account: Account, secrets: Mapping[str, str]) -> None:
    """Raises Refused where an account in use lacks what it cannot send without, or says limits that are none."""
    checked_own(str(account.config.get(OWN, "")))
    missing = [name for name in fields_of(account.kind).needed if not (account.config.get(name) or secrets.get(name))]
    if account.enabled and missing:
        names = ", ".join(str(LABELS.get(name, name)) for name in missing)
        raise Refused(_("The account cannot send without: %(names)s.") % {"names": names})


def opened(account: Account) -> dict[str, str]:
    """The account's secrets; none where they were sealed by another installation, which only new ones can mend."""
    try:
        return dict(credentials_of(account).secrets)
    except (InvalidToken, json.JSONDecodeError):
        return {}


def secret_names(account: Account) -> list[str]:
    """Which secrets are kept."""
    return sorted(opened(account))


def can_be_opened(account: Account) -> bool:
    """Whether its secrets were sealed by this installation."""
    try:
        credentials_of(account)
    except (InvalidToken, json.JSONDecodeError):
        return False
    return True


@transaction.atomic
def set_quiet(*, account: Account, quiet: bool, actor: User, now: datetime) -> None:
    """Begin or end an import: while it lasts nothing goes out and no clock starts."""
    Account.objects.filter(pk=account.pk).update(quiet=quiet)
    record("account.quiet" if quiet else "account.loud", account, actor, now)


@transaction.atomic
def try_account(*, account: Account, address: str, actor: User, now: datetime) -> Delivery:
    """Send one test message to a chat or an address by this account. Raises Refused where it could not go out."""
    address = address.replace("\x00", "").strip()
    if not 1 <= len(address) <= 500:
        raise Refused(_("Say where the test goes: the vendor's id of a group, or a mail address."))
    if account.channel in PHONES:
        address = phone_number(address, is_call=account.channel == Channel.VOICE)
    if not account.enabled or account.quiet:
        raise Refused(_("This account is switched off or importing: nothing goes out by it."))
    record("account.try", account, actor, now, address=address)
    return send(
        user=None,
        account=account,
        channel=account.channel,
        address=address,
        kind=TEST_KIND,
        subject_ref=account.ref,
        title="Aftercare",
        body=_("Test message from Aftercare"),
        url_path="/" if settings.BASE_URL else "",
        now=now,
    )


def record(action: str, account: Account, actor: User, now: datetime, **detail: Any) -> None:
    """The audit row; no secret is ever in it."""
    told = {"channel": account.channel, "name": account.name, "enabled": account.enabled, **detail}
    audit.record(actor=actor, action=action, subject=account.ref, customer_id=None, detail=told, now=now)
