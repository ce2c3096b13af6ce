"""Calls written down, by hand or by a call centre; calls that we owe."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk.mapping import text_at
from aftercare.desk.models import Call, CallOutcome, Contact, Direction, Inbound, Message, ReturnCall, Ticket
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.notify.models import Account

NUMBER = re.compile(r"\+?[0-9][0-9 ()\-]{2,30}\Z")
FIELDS = ("id", "number", "direction", "outcome", "started_at", "duration_s", "recording_url", "agent", "note")
LONGEST_CALL_S = 86_400
MISSED_WITHIN = timedelta(minutes=30)


@transaction.atomic
def log_call(
    *,
    customer: Customer | None,
    ticket: Ticket | None,
    direction: str,
    number: str,
    outcome: str,
    started_at: datetime,
    duration_s: int,
    recording_url: str = "",
    note: str = "",
    agent: User | None,
    account: Account | None = None,
    external_id: str | None = None,
    now: datetime,
) -> Call:
    """Write a call down; one that its call centre told before is brought up to date and nothing known is emptied.

    Raises Refused for a number, direction, outcome, length or recording address that is none.
    """
    if direction not in Direction.values or outcome not in CallOutcome.values:
        raise Refused(_("A call is incoming or outgoing, and answered, missed or hung up."))
    if not 0 <= duration_s <= LONGEST_CALL_S:
        raise Refused(_("A call lasts between 0 and 86,400 seconds."))
    facts: dict[str, Any] = {
        "direction": direction,
        "number": checked_number(number),
        "outcome": outcome,
        "started_at": started_at,
        "duration_s": duration_s,
        "recording_url": checked_link(recording_url),
        "note": note.replace("\x00", "").strip()[:2_000],
        "agent": agent,
        "customer": ticket.customer if ticket else customer,
        "ticket": ticket,
    }
    known = Call.objects.select_for_update().filter(account=account, external_id=external_id) if external_id else None
    call = known.first() if known is not None else None
    if call is None:
        call = Call.objects.create(account=account, external_id=external_id, created_at=now, **facts)
    else:
        for name, value in facts.items():
            if value not in (None, "", 0):
                setattr(call, name, value)
        call.save()
    audit.record(
        actor=agent if account is None else None,
        action="call.log",
        subject=call.ref,
        customer_id=call.customer_id,
        detail={"direction": direction, "outcome": outcome, "duration_s": duration_s},
        now=now,
    )
    return call


@transaction.atomic
def promise_call_back(
    *,
    number: str,
    owner: User,
    due_at: datetime,
    call: Call | None = None,
    ticket: Ticket | None = None,
    customer: Customer | None = None,
    actor: User | None,
    now: datetime,
) -> ReturnCall:
    """Somebody calls this number by `due_at`. Raises Refused for a customer's person or a number that is none."""
    if not owner.is_provider or not owner.is_active:
        raise Refused(_("Choose a colleague who can still sign in."))
    if not number:
        raise Refused(_("A call back needs a number."))
    promised = ReturnCall.objects.create(
        number=checked_number(number),
        owner=owner,
        due_at=due_at,
        call=call,
        ticket=ticket,
        customer=ticket.customer if ticket else customer,
        created_at=now,
    )
    keep(promised, "call_back.promise", actor, now)
    return promised


@transaction.atomic
def finish_call_back(*, promised: ReturnCall, result: str, actor: User, now: datetime) -> ReturnCall:
    """The call was made: what came of it. Raises Refused without words, or when somebody has done it already."""
    row = ReturnCall.objects.select_for_update(of=("self",)).select_related("done_by").get(pk=promised.pk)
    if row.done_at is not None:
        name = row.done_by.name if row.done_by else ""
        raise Refused(_("%(name)s has made this call already.") % {"name": name})
    result = " ".join(result.replace("\x00", "").split())[:500]
    if not result:
        raise Refused(_("Say what came of the call."))
    row.result, row.done_at, row.done_by = result, now, actor
    row.save()
    keep(row, "call_back.done", actor, now)
    return row


def remind_of_call_backs(now: datetime) -> int:
    """Tell owners of call-backs that are due, once each; returns how many."""
    told = 0
    with transaction.atomic():
        due = ReturnCall.objects.filter(done_at__isnull=True, reminded_at__isnull=True, due_at__lte=now)
        for row in due.select_for_update(skip_locked=True, of=("self",)).select_related("owner")[:200]:
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            with translation.override(row.owner.language or "en"):
                notify.push(
                    user=row.owner,
                    kind="call_back",
                    subject_ref=row.ref,
                    title=_("You promised to call back now."),
                    url_path="/calls",
                    now=now,
                )
            told += 1
    return told


def read_call(row: Inbound, now: datetime) -> Message | None:
    """A call centre's webhook, read by the account's mapping. A missed call becomes a call back within 30 minutes.

    Raises Refused where it has no id or no time that can be read.
    """
    config, body = row.account.config, row.payload
    told = {name: text_at(body, config.get("map", {}).get(name, "")) for name in FIELDS}
    if not told["id"]:
        raise Refused(_("The call has no id where the mapping looks for it."))
    outcomes: Mapping[str, str] = config.get("values", {})
    outcome = outcomes.get(told["outcome"].lower(), told["outcome"].lower())
    direction = outcomes.get(told["direction"].lower(), told["direction"].lower()) or Direction.IN
    number = told["number"] if NUMBER.match(told["number"]) else ""
    contact = contact_by_number(number)
    agent = User.objects.filter(email=told["agent"].lower(), customer__isnull=True, is_active=True).first()
    call = log_call(
        customer=contact.customer if contact else None,
        ticket=None,
        direction=direction,
        number=number,
        outcome=outcome,
        started_at=instant_of(told["started_at"]) or row.received_at,
        duration_s=int(float(told["duration_s"])) if told["duration_s"].replace(".", "", 1).isdecimal() else 0,
        recording_url=told["recording_url"],
        note=told["note"],
        agent=agent,
        account=row.account,
        external_id=told["id"][:128],
        now=now,
    )
    owner = agent or User.objects.filter(ref=config.get("owner", ""), customer__isnull=True, is_active=True).first()
    is_missed = outcome != CallOutcome.ANSWERED and direction == Direction.IN
    if is_missed and number and owner and not call.return_calls.exists():
        due_at = row.received_at + MISSED_WITHIN
        promise_call_back(
            number=number, owner=owner, due_at=due_at, call=call, customer=call.customer, actor=None, now=now
        )
    return None


def contact_by_number(number: str) -> Contact | None:
    """The one contact who has this number; None where nobody or several have."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < 7:
        return None
    found = Contact.objects.filter(phone__in=[number, digits, f"+{digits}"]).select_related("customer")[:2]
    return found[0] if len(found) == 1 else None


def instant_of(text: str) -> datetime | None:
    """ISO 8601 (without a zone: UTC) or seconds or milliseconds since the epoch."""
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text) / (1000 if len(text) > 11 else 1), UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def checked_number(number: str) -> str:
    """A phone number as people write it, "" where there is none. Raises Refused for anything else."""
    number = number.replace("\x00", "").strip()
    if number and not NUMBER.match(number):
        raise Refused(_("This is not a phone number: digits, spaces and a + in front."))
    return number


def checked_link(url: str) -> str:
    """An https address to link to, "" where there is none; it is never fetched. Raises Refused for anything else."""
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme == "https" and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        is_web = False
    if not is_web or len(url) > 500:
        raise Refused(_("A recording is linked by its https address."))
    return url


def keep(promised: ReturnCall, action: str, actor: User | None, now: datetime) -> None:
    """The audit row; numbers stay out of it."""
    audit.record(
        actor=actor,
        action=action,
        subject=promised.ref,
        customer_id=promised.customer_id,
        detail={"owner": promised.owner.ref, "due_at": promised.due_at.isoformat()},
        now=now,
    )
