"""Accounts with WeCom: a corporation's customer groups (archive and sidebar), or one customer service account."""

import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import AddressError, parse
from aftercare.notify.clients.wecom_crypto import key_of
from aftercare.notify.clients.wecom_finance import KEY
from aftercare.notify.envelope import credentials_of, sealed
from aftercare.notify.models import Account, Channel

CONFIG = {
    Channel.WECOM_CUSTOMER: ("corp_id", "agent_id", "bridge"),
    Channel.WECOM_KF: ("corp_id", "open_kfid", "customer"),
}
SECRETS = {
    Channel.WECOM_CUSTOMER: ("secret", "archive_secret", "bridge_token"),
    Channel.WECOM_KF: ("secret", "callback_token", "aes_key"),
}


@transaction.atomic
def save_wecom(
    *, account: Account | None, channel: Channel, name: str, told: Mapping[str, str], actor: User, now: datetime
) -> Account:
    """Keep a new or changed account. A secret that is left empty stays as it was; `key_version` and `private_key` add a
    key of the archive. Raises Refused with what is missing or wrong.
    """
    row = account or Account(channel=channel, created_at=now)
    secrets = dict(credentials_of(row).secrets) if account else {}
    config = {key: told.get(key, "").strip() for key in CONFIG[channel]}
    secrets |= {key: told[key].strip() for key in SECRETS[channel] if told.get(key, "").strip()}
    if told.get("private_key", "").strip():
        secrets[KEY + checked_version(told.get("key_version", ""))] = checked_key(told["private_key"])
    check(channel, name, config, secrets)
    row.name, row.config, row.secrets = name.strip(), dict(row.config) | config, sealed(secrets)
    row.save()
    detail = {"name": row.name, "channel": channel.value, "secrets": json.dumps(sorted(secrets))}
    action = "wecom.change" if account else "wecom.add"
    audit.record(actor=actor, action=action, subject=row.ref, customer_id=None, detail=detail, now=now)
    return row


def check(channel: Channel, name: str, config: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Raise Refused unless the account can speak and hear."""
    if not 1 <= len(name.strip()) <= 120:
        raise Refused(_("Give the account a name of at most 120 characters."))
    missing = [key for key in CONFIG[channel] if not config[key]] + [
        key for key in SECRETS[channel] if not secrets.get(key)
    ]
    if channel == Channel.WECOM_CUSTOMER and not any(key.startswith(KEY) for key in secrets):
        missing.append("private_key")
    if missing:
        raise Refused(_("These are still missing: %(names)s.") % {"names": ", ".join(missing)})
    if channel == Channel.WECOM_KF:
        if not Customer.objects.filter(ref=config["customer"]).exists():
            raise Refused(_("Choose the customer whose users write to this account."))
        try:
            key_of(secrets["aes_key"])
        except ValueError:
            raise Refused(_("The EncodingAESKey has 43 letters and digits.")) from None
        return
    try:
        parse(config["bridge"])
    except AddressError:
        raise Refused(_("Give the bridge's address: http://127.0.0.1:9100")) from None


def checked_version(text: str) -> str:
    """The number of a public key in WeCom. Raises Refused for no number."""
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise Refused(_("The key's version is the number that WeCom shows beside the public key."))
    return str(int(text))


def checked_key(pem: str) -> str:
    """An RSA private key in PEM. Raises Refused for anything else."""
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise Refused(_("This is no RSA private key of 2048 bits in PEM, without a password."))
    return pem.strip() + "\n"
