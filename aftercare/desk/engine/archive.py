"""Pulling WeCom's archive: a row for each account says how far, when again, and what is wrong.

What is pulled is opened in memory; only what people of our groups said who agree to it is kept.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from aftercare.desk.inward import take_in
from aftercare.desk.models import ConsentHow, Group, PullCursor
from aftercare.desk.vendors import consent
from aftercare.kernel.calls import NoAnswer, NotSent
from aftercare.notify.clients.wecom import WecomError
from aftercare.notify.clients.wecom_finance import Bridge, FinanceSource, MissingKey, random_key_of
from aftercare.notify.envelope import Credentials, credentials_of
from aftercare.notify.models import Account, Channel
from aftercare.notify.types import joined

log = logging.getLogger(__name__)

AT_ONCE = 100
PULLS_AT_ONCE = 5  # of one call, so that the desk's other timed work has its turn
EVERY_S = 5
LEASE_S = 60  # a pull whose process died is taken up again after this
LONGEST_PAUSE_S = 300
MISSING_KEY = _("The private key of this version is missing. Add it; nothing is lost for five days")
CANNOT_READ = _("The archive cannot be read now and is asked again")


@dataclass(frozen=True)
class Opened:
    """One row of the archive: its message, None where it cannot be read."""

    seq: int
    msgid: str
    message: dict[str, Any] | None


def pull_archives(now: datetime) -> int:
    """Pull once from every archive that is due; returns how many there were. Any number of processes may call it."""
    for account in Account.objects.filter(channel=Channel.WECOM_CUSTOMER, enabled=True, pull__isnull=True):
        PullCursor.objects.get_or_create(account=account, defaults={"due_at": now})
    pulled = 0
    while pulled < PULLS_AT_ONCE and (cursor := next_due(now)):
        pulled += 1
        try:
            pull(cursor, now)
        except (MissingKey, WecomError, NotSent, NoAnswer, KeyError, ValueError) as error:
            put_off(cursor, sentence_of(error), now)
        except Exception as error:
            log.exception("archive of account %s: it could not be pulled", cursor.account_id)
            put_off(cursor, joined(CANNOT_READ, repr(error)), now)
    return pulled


def next_due(now: datetime) -> PullCursor | None:
    """The next due cursor, leased."""
    with transaction.atomic():
        due = PullCursor.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account")
        wanted = due.filter(due_at__lte=now, account__channel=Channel.WECOM_CUSTOMER, account__enabled=True)
        cursor = wanted.order_by("due_at", "pk").first()
        if cursor is not None:
            cursor.due_at = now + timedelta(seconds=LEASE_S)
            cursor.save(update_fields=["due_at"])
    return cursor


def pull(cursor: PullCursor, now: datetime) -> None:
    """Fetch, open and keep the next rows, and move the cursor behind them, in one transaction."""
    account = cursor.account
    credentials = credentials_of(account)
    source: FinanceSource = Bridge(credentials)
    position = int(cursor.position or 0)
    rows = source.chat_data(position, AT_ONCE)
    fresh = sorted((row for row in rows if is_after(row, position)), key=lambda row: int(row["seq"]))
    opened, halt = open_rows(credentials, source, fresh)
    rooms = set(Group.objects.filter(account=account).values_list("chat_id", flat=True))
    unsure = rooms_to_ask(account, opened, rooms, now)
    told = {room: consent.ask_room(credentials, room, now) for room in unsure}
    with transaction.atomic():
        row = PullCursor.objects.select_for_update().get(pk=cursor.pk)
        if row.position != cursor.position:
            return  # somebody whose lease was longer was here
        for room, answers in told.items():
            for person, agreed, at in answers:
                consent.record(
                    account=account, external_id=person, chat_id=room, agreed=agreed, how=ConsentHow.VENDOR, at=at
                )
        for one in opened:
            row.withheld += not keep(account, one, rooms, now)
        if opened:
            row.position = str(opened[-1].seq)
        row.failures, row.last_error, row.pulled_at = 0, "", now
        row.due_at = now if len(rows) >= AT_ONCE and halt is None else now + timedelta(seconds=EVERY_S)
        row.save()
        if row.due_at <= now and not opened:
            row.due_at = now + timedelta(seconds=EVERY_S)
            row.save(update_fields=["due_at"])
    if halt is not None:
        raise halt


def is_after(row: dict[str, Any], position: int) -> bool:
    """Whether a row is a new one with a number and an id."""
    seq, msgid = row.get("seq"), row.get("msgid")
    return isinstance(seq, int) and not isinstance(seq, bool) and seq > position and isinstance(msgid, str)


def open_rows(
    credentials: Credentials, source: FinanceSource, rows: list[dict[str, Any]]
) -> tuple[list[Opened], MissingKey | None]:
    """The rows with their messages, up to the first whose key we do not have: it and what follows wait for the key."""
    keys: list[str | None] = []
    halt = None
    for row in rows:
        try:
            keys.append(random_key_of(credentials, row))
        except MissingKey as missing:
            halt = missing
            break
        except (ValueError, KeyError):
            keys.append(None)
    ready = [(key, row) for key, row in zip(keys, rows, strict=False)]
    texts = iter(source.decrypt([(key, str(row.get("encrypt_chat_msg"))) for key, row in ready if key is not None]))
    opened = [Opened(row["seq"], row["msgid"][:150], message_in(next(texts) if key else None)) for key, row in ready]
    return opened, halt


def message_in(text: str | None) -> dict[str, Any] | None:
    """The JSON object of an opened message."""
    try:
        message = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def rooms_to_ask(account: Account, opened: list[Opened], rooms: set[str], now: datetime) -> list[str]:
    """The groups in which somebody outside speaks of whom we have no answer."""
    answered = {answer[0] for one in opened if one.message and (answer := consent.answer_in(one.message, now))}
    unsure = set()
    for one in opened:
        room, sender = room_of(one.message), sender_of(one.message)
        is_asked = room in rooms and consent.is_outside(sender) and sender not in answered
        if is_asked and consent.answer_of(account=account, external_id=sender, chat_id=room) is None:
            unsure.add(room)
    return sorted(unsure)


def room_of(message: dict[str, Any] | None) -> str:
    """The group of a message; empty outside one."""
    return str((message or {}).get("roomid") or "")


def sender_of(message: dict[str, Any] | None) -> str:
    """Who sent it."""
    return str((message or {}).get("from") or "")


def keep(account: Account, one: Opened, rooms: set[str], now: datetime) -> bool:
    """Keep one message of one of our groups; False where it was withheld because its sender has not agreed."""
    message, room = one.message, room_of(one.message)
    if message is None:
        log.warning("archive of account %s: row %s cannot be opened", account.pk, one.seq)
        return True
    answer = consent.answer_in(message, now)
    if answer is not None:
        person, agreed, at = answer
        consent.record(account=account, external_id=person, chat_id=room, agreed=agreed, how=ConsentHow.MESSAGE, at=at)
        return True
    if room not in rooms:
        return True
    sender = sender_of(message)
    if consent.is_outside(sender) and not consent.answer_of(account=account, external_id=sender, chat_id=room):
        return False
    payload = {name: value for name, value in message.items() if name != "tolist"}  # who else is there is not needed
    take_in(account=account, provider_message_id=one.msgid, kind="message", payload=payload, now=now)
    return True


def sentence_of(error: Exception) -> str:
    """What is kept of an error: a sentence of ours and the detail."""
    if isinstance(error, MissingKey):
        return joined(MISSING_KEY, str(error))
    return joined(CANNOT_READ, f"{type(error).__name__} {error}")


def put_off(cursor: PullCursor, sentence: str, now: datetime) -> None:
    """Try again later, each time later; what is wrong stands at the account."""
    with transaction.atomic():
        row = PullCursor.objects.select_for_update().get(pk=cursor.pk)
        row.failures += 1
        row.last_error = sentence[:500]
        row.due_at = now + timedelta(seconds=min(EVERY_S * 2 ** min(row.failures, 10), LONGEST_PAUSE_S))
        row.save(update_fields=["failures", "last_error", "due_at"])
        Account.objects.filter(pk=row.account_id).update(last_error=sentence[:500])
