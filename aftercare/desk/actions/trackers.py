"""Tickets that are defects in a tracker: told there by webhook, and what the tracker says back."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.notes import note
from aftercare.desk.actions.phone import checked_link
from aftercare.desk.actions.tiers import open_hand_over, return_with_answer
from aftercare.desk.mapping import text_at
from aftercare.desk.models import UNSETTLED, DefectLink, Inbound, Message, Ticket
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.notify.models import Account, Channel, Urgency

FIELDS = ("ref", "key", "status", "url", "comment")
NOTE, RETURN, IGNORE = "note", "return", "ignore"
# What a field of theirs may be filled with; anything else is told as it stands.
OURS = ("title", "severity", "customer", "app", "number", "link", "words", "ticket")


@transaction.atomic
def tell_tracker(*, ticket: Ticket, account: Account, words: str, actor: User, now: datetime) -> DefectLink:
    """Ask the tracker for a defect about this ticket, or comment on the one it has. Goes out by the outbox, signed.

    Raises Refused without words, or where the tracker is not in use.
    """
    row = locked(ticket, None)
    words = words.replace("\x00", "").strip()[:4_000]
    if not words:
        raise Refused(_("Write what the tracker shall be told."))
    if not account.enabled or not account.config.get("url"):
        raise Refused(_("This tracker is not in use, or has no address."))
    link, is_new = DefectLink.objects.get_or_create(
        ticket=row, account=account, defaults={"created_by": actor, "created_at": now, "updated_at": now}
    )
    ours = facts_of(row, link, words)
    notify.send(
        user=None,
        account=account,
        channel=Channel.WEBHOOK.value,
        address=account.config["url"],
        kind="defect.create" if is_new else "defect.comment",
        subject_ref=link.ref,
        title=row.title,
        body=words,
        url_path=f"/tickets/{row.ref}",
        urgency=Urgency.URGENT,
        data={"ref": link.ref, "key": link.key, "fields": filled(account.config.get("fields", {}), ours)},
        now=now,
    )
    body = _("Told %(tracker)s: %(words)s") % {"tracker": account.name, "words": words}
    note(row, actor, body, now)
    detail = {"tracker": account.ref, "link": link.ref, "new": is_new}
    audit.record(
        actor=actor, action="defect.tell", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now
    )
    return link


def facts_of(ticket: Ticket, link: DefectLink, words: str) -> dict[str, str]:
    """What fields of theirs may be filled with."""
    return {
        "title": ticket.title,
        "severity": ticket.severity,
        "customer": ticket.customer.name,
        "app": ticket.app.name if ticket.app else "",
        "number": str(ticket.number),
        "link": f"{settings.BASE_URL}/tickets/{ticket.ref}",
        "words": words,
        "ticket": ticket.ref,
    }


def filled(fields: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Their fields: ours by name, anything else as it stands (a project's key, an issue type)."""
    return {theirs: ours.get(value, value) for theirs, value in fields.items()}


def understood(config: Mapping[str, Any], body: Any) -> dict[str, str]:
    """What a tracker's JSON says by the account's mapping, and what it comes to: `does` is note, return or ignore."""
    told = {name: text_at(body, config.get("map", {}).get(name, "")) for name in FIELDS}
    values: Mapping[str, str] = config.get("values", {})
    does = values.get(told["status"].lower(), NOTE if told["status"] or told["comment"] else IGNORE)
    return {**told, "does": does if does in (NOTE, RETURN, IGNORE) else NOTE}


def read_defect(row: Inbound, now: datetime) -> Message | None:
    """A tracker's webhook: a note on the ticket, or the hand-over's return with its answer. The customer sees neither.

    Raises Refused where it is about no ticket that this tracker knows of.
    """
    told = understood(row.account.config, row.payload)
    links = DefectLink.objects.filter(account=row.account).select_related("ticket")
    link = links.filter(ref=told["ref"]).first() if told["ref"] else None
    link = link or (links.filter(key=told["key"][:128]).first() if told["key"] else None)
    if link is None:
        raise Refused(_("No ticket of ours is linked to this defect of the tracker."))
    ticket = locked(link.ticket, None)
    link.key, link.status = told["key"][:128] or link.key, told["status"][:80] or link.status
    with suppress(Refused):  # an address that is no https one is not linked; the rest of what came is good
        link.url = checked_link(told["url"]) or link.url
    link.updated_at = now
    link.save()
    if told["does"] == IGNORE:
        return None
    said = told["comment"] or told["status"]
    if told["does"] == RETURN and ticket.status in UNSETTLED and open_hand_over(ticket) is not None:
        answer = f"{row.account.name} {link.key}: {said}"
        return_with_answer(ticket=ticket, answer=answer, actor=None, now=now)
        return Message.objects.filter(ticket=ticket, internal=True).order_by("-pk").first()
    words = {"tracker": row.account.name, "key": link.key, "status": link.status or "—", "words": told["comment"]}
    return note(ticket, None, (_("%(tracker)s %(key)s is “%(status)s”. %(words)s") % words).strip(), now)
