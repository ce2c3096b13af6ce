"""Writing to the outbox, and taking back what still waits in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.kernel import events
from aftercare.notify.adapters.push import announce
from aftercare.notify.events import DeliveryFailed
from aftercare.notify.ladder import bring_forward
from aftercare.notify.models import PHONES, RINGING, Account, Channel, ContactMethod, Delivery, State, Urgency
from aftercare.notify.outcome import joined
from aftercare.notify.reach import TO_PERSON

OUTBOX = "aftercare_outbox"
RETURNED = gettext_noop("The mail came back")


def send(
    *,
    user: User | None,
    channel: str,
    address: str = "",
    contact: ContactMethod | None = None,
    **told: Any,
) -> Delivery:
    """Write one outbox row in the caller's transaction; the engine sends it `after_s` seconds later, at the earliest
    once that commits. What it takes is what `drafted` takes.

    Without `contact` the person's own method of this channel and address is looked up, since it holds the webhook's
    signing secret.
    """
    if contact is None and user is not None:
        contact = ContactMethod.objects.filter(user=user, channel=channel, address=address).first()
    delivery = drafted(user=user, channel=channel, address=address, contact=contact, **told)
    delivery.save()
    wake_engine()
    return delivery


def send_all(drafts: Sequence[Delivery]) -> list[Delivery]:
    """The same for many drafts in one statement; they have their keys afterwards."""
    kept = Delivery.objects.bulk_create(drafts)
    wake_engine()
    return kept


def drafted(
    *,
    user: User | None,
    channel: str,
    address: str = "",
    kind: str,
    subject_ref: str,
    title: str,
    body: str = "",
    url_path: str = "",
    secret_url: str = "",
    urgency: str = Urgency.ROUTINE,
    data: Mapping[str, Any] | None = None,
    contact: ContactMethod | None = None,
    account: Account | None = None,
    after_s: int = 0,
    not_before: datetime | None = None,
    now: datetime,
) -> Delivery:
    """An outbox row that is not written yet, due `after_s` seconds from now and not before `not_before`.

    `title` and `body` are in the reader's language already; a link that lets its holder in belongs into `secret_url`,
    which only mail carries. `account` is who speaks on a vendor's channel; to a person's own phone or id whichever
    account can reach it does.
    """
    rings = channel in PHONES or (contact is not None and channel in RINGING)
    ringing = {"to": TO_PERSON, "loudness": contact.loudness if contact else ""} if rings else {}
    return Delivery(
        user=user,
        contact=contact,
        account=account,
        channel=Channel(channel),
        address=address,
        kind=kind,
        subject_ref=subject_ref,
        title=title[:300],
        body=body,
        url_path=url_path,
        secret_url=secret_url,
        urgency=Urgency(urgency),
        data={**(data or {}), **ringing},
        due_at=max(now + timedelta(seconds=after_s), not_before or now),
        created_at=now,
    )


def push(
    *,
    user: User,
    kind: str,
    subject_ref: str,
    title: str,
    body: str = "",
    url_path: str = "",
    data: Mapping[str, Any] | None = None,
    now: datetime,
) -> Delivery:
    """Show a routine notice in a person's console: it is in their streams once the caller's transaction commits.

    The row itself is the message and no provider can fail, so the outbox has nothing to do with it. Nobody is told that
    it went: what waits for a DeliverySent is for `send`.
    """
    delivery = Delivery.objects.create(
        user=user,
        channel=Channel.PUSH,
        kind=kind,
        subject_ref=subject_ref,
        title=title[:300],
        body=body,
        url_path=url_path,
        data=dict(data or {}),
        state=State.SENT,
        attempts=1,
        due_at=now,
        created_at=now,
        sent_at=now,
    )
    announce(user.pk, delivery.pk)
    return delivery


def wake_engine() -> None:
    """Tell the engine, when the present transaction commits, that the outbox has something due."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {OUTBOX}")


def drop_pending(*, subject_ref: str, kind: str, reason: str, user: User | None = None) -> int:
    """Take back what still waits to go out about a subject, to `user` alone where one is given; returns how many.

    What is being sent already is not.

    A row that a sender holds is passed over, not waited for: the sender may be waiting for what the caller has locked.
    """
    with transaction.atomic():
        waiting = Delivery.objects.filter(subject_ref=subject_ref, kind=kind, state=State.PENDING)
        if user is not None:
            waiting = waiting.filter(user=user)
        held = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
        dropped = Delivery.objects.filter(pk__in=held)
        return dropped.update(state=State.DROPPED, last_error=reason[:500], secret_url="")


def mark_returned(*, delivery: Delivery, reason: str, words: str = RETURNED, now: datetime) -> None:
    """What a provider took has come back to us after all: it has failed, and the rooms above hear of it.

    `words` say what came back, a msgid; `reason` is the provider's own detail.
    """
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state != State.SENT:
        return
    row.state, row.last_error = State.FAILED, joined(words, reason)[:500]
    row.save(update_fields=["state", "last_error"])
    bring_forward(row, now)
    failed = DeliveryFailed(delivery_id=row.pk, subject_ref=row.subject_ref, reason=row.last_error, at=now)
    events.publish(failed)
