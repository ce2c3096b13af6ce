"""Our own mark in what we send: a ticket's reference, signed, in the reply address and in the Message-ID.

Lower case only: there are gateways that write addresses and identifiers so.
"""

import base64
import re

from django.conf import settings

from aftercare.kernel.signing import keyed_hash

TOKEN = re.compile(r"^([0-9a-z]{12})-([a-z2-7]{26})$")
OURS = re.compile(r"^<([0-9a-z]{12})\.([0-9a-z]{12}-[a-z2-7]{26})@[^<>\s@]+>$")


def token_of(ticket_ref: str) -> str:
    """The ticket's reference and its signature, 39 signs."""
    digest = keyed_hash(settings.SECRET_KEY.encode(), f"mail reply\n{ticket_ref}")
    return f"{ticket_ref}-{base64.b32encode(digest).decode().rstrip('=').lower()}"


def ticket_ref_of(token: str) -> str:
    """The reference in a token of ours; empty for one that we never made."""
    told = TOKEN.match(token.lower())
    return told[1] if told and token_of(told[1]) == token.lower() else ""


def named_by(message_id: str) -> tuple[str, str]:
    """The ticket's and the delivery's reference in a Message-ID of ours; both empty for another's."""
    told = OURS.match(message_id.lower())
    ticket_ref = ticket_ref_of(told[2]) if told else ""
    return (ticket_ref, told[1]) if told and ticket_ref else ("", "")
