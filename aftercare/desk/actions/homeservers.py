"""Connecting a Matrix homeserver: an account with both tokens, and the file that its admin loads."""

import json
import re
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import AddressError, parse
from aftercare.notify.clients.matrix import PREFIX, SENDER, Homeserver
from aftercare.notify.envelope import credentials_of, sealed
from aftercare.notify.models import Account, Channel

SERVER_NAME = re.compile(r"[A-Za-z0-9.\-]{1,200}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


@transaction.atomic
def add_homeserver(*, name: str, address: str, server_name: str, actor: User, now: datetime) -> Account:
    """A new account with a homeserver. Raises Refused for an address or a server name that cannot be one."""
    try:
        parse(address)
    except AddressError:
        raise Refused(_("Give the homeserver's address as a browser would: https://matrix.example.com")) from None
    if not SERVER_NAME.fullmatch(server_name):
        raise Refused(_("The server name is what stands after the colon in its users' ids: example.com"))
    if not 1 <= len(name.strip()) <= 120:
        raise Refused(_("Give the homeserver a name of at most 120 characters."))
    account = Account.objects.create(
        channel=Channel.MATRIX,
        name=name.strip(),
        config={"homeserver": address.rstrip("/"), "server_name": server_name, "sender": SENDER, "prefix": PREFIX},
        secrets=sealed({"as_token": secrets.token_urlsafe(32), "hs_token": secrets.token_urlsafe(32)}),
        created_at=now,
    )
    keep_record("matrix.add", account, actor, now)
    return account


@transaction.atomic
def registration_of(*, account: Account, actor: User, now: datetime) -> str:
    """The registration file (YAML) with both tokens; that somebody took it is on record."""
    keep_record("matrix.registration", account, actor, now)
    credentials = credentials_of(account)
    server = Homeserver.of(credentials)
    users = f"^@{re.escape(server.prefix)}.*:{re.escape(server.server_name)}$"
    lines = (
        f"id: {json.dumps(f'aftercare-{account.ref}')}",
        f"url: {json.dumps(settings.BASE_URL)}",
        f"as_token: {json.dumps(server.token)}",
        f"hs_token: {json.dumps(credentials.secrets['hs_token'])}",
        f"sender_localpart: {json.dumps(server.sender)}",
        "rate_limited: false",
        "namespaces:",
        "  users:",
        "    - exclusive: true",
        f"      regex: {json.dumps(users)}",
        "  aliases: []",
        "  rooms: []",
    )
    return "\n".join(lines) + "\n"


def keep_record(action: str, account: Account, actor: User, now: datetime) -> None:
    """The audit row of what was done with the account."""
    detail = {"name": account.name, "homeserver": account.config["homeserver"]}
    audit.record(actor=actor, action=action, subject=account.ref, customer_id=None, detail=detail, now=now)
