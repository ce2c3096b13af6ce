"""Writing to the outbox, and keeping contact methods."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.notify.adapters.addresses import parse
from aftercare.notify.adapters.push import announce
from aftercare.notify.envelope import sealed as sealed
from aftercare.notify.events import DeliveryFailed
from aftercare.notify.models import Account, Channel, ContactMethod, Delivery, State, Urgency
from aftercare.notify.outcome import joined
from aftercare.notify.tokens import confirmation_path

OUTBOX = "aftercare_outbox"
CONTACTS_AT_MOST = 20
RETURNED = gettext_noop("The mail came back")


def send(
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
    now: datetime,
) -> Delivery:
    """Write one outbox row in the caller's transaction; the engine sends it once that commits.

    `title` and `body` are in the reader's language already; a link that lets its holder in belongs into `secret_url`,
    which only mail carries. Without `contact` the person's own method of this channel and address is looked up, since
    it holds the webhook's signing secret. `account` is who speaks on a vendor's channel.
    """
    if contact is None and user is not None:
        contact = ContactMethod.objects.filter(user=user, channel=channel, address=address).first()
    delivery = Delivery.objects.create(
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
        data=dict(data or {}),
        due_at=now,
        created_at=now,
    )
    wake_engine()
    return delivery


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


def drop_pending(*, subject_ref: str, kind: str, reason: str) -> int:
    """Take back what still waits to go out about a subject; returns how many. What is being sent already is not.

    A row that a sender holds is passed over, not waited for: the sender may be waiting for what the caller has locked.
    """
    with transaction.atomic():
        waiting = Delivery.objects.filter(subject_ref=subject_ref, kind=kind, state=State.PENDING)
        held = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
        dropped = Delivery.objects.filter(pk__in=held)
        return dropped.update(state=State.DROPPED, last_error=reason[:500], secret_url="")


def mark_returned(*, delivery: Delivery, reason: str, now: datetime) -> None:
    """What a provider took has come back to us after all: it has failed, and the rooms above hear of it."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state != State.SENT:
        return
    row.state, row.last_error = State.FAILED, joined(RETURNED, reason)[:500]
    row.save(update_fields=["state", "last_error"])
    failed = DeliveryFailed(delivery_id=row.pk, subject_ref=row.subject_ref, reason=row.last_error, at=now)
    events.publish(failed)


@transaction.atomic
def add_contact(
    *, user: User, channel: str, address: str = "", verified: bool = False, actor: User | None = None, now: datetime
) -> ContactMethod:
    """A new way to reach a person; a known one is returned as it is, in use again.

    A push and the person's own sign-in address need no confirming. Raises Refused for an address of the wrong form.
    """
    address = checked_address(user, channel, address)
    known = ContactMethod.objects.filter(user=user, channel=channel, address=address).first()
    if known is None and ContactMethod.objects.filter(user=user).count() >= CONTACTS_AT_MOST:
        raise Refused(_("You have %(n)s contact methods; remove one first.") % {"n": CONTACTS_AT_MOST})
    contact, is_new = ContactMethod.objects.update_or_create(
        user=user,
        channel=channel,
        address=address,
        defaults={"enabled": True},
        create_defaults={
            "secret": new_webhook_secret() if channel == Channel.WEBHOOK else "",
            "verified": verified or channel == Channel.PUSH or address == user.email,
            "created_at": now,
        },
    )
    if is_new:
        keep_record("contact.add", contact, actor or user, now)
    return contact


def checked_address(user: User, channel: str, address: str) -> str:
    """The address as it is kept. Raises Refused with what is wrong with it."""
    address = address.strip()
    if channel == Channel.PUSH:
        return ""
    if channel == Channel.EMAIL:
        try:
            validate_email(address.lower())
        except ValidationError:
            raise Refused(_("This is not an e-mail address.")) from None
        return address.lower()
    if channel == Channel.WEBHOOK:
        parse(address)
        return address
    raise Refused(_("There is no such channel."))


def checked_webhook(address: str) -> str:
    """An address that webhooks may be sent to, as far as its form tells. Raises Refused with what is wrong with it."""
    parse(address)
    return address


def new_webhook_secret() -> str:
    """A Standard Webhooks secret: `whsec_` and 24 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


@transaction.atomic
def set_enabled(*, contact: ContactMethod, enabled: bool, now: datetime) -> None:
    """Use a contact method, or stop using it."""
    contact.enabled = enabled
    contact.save(update_fields=["enabled"])
    keep_record("contact.enable" if enabled else "contact.disable", contact, contact.user, now)


@transaction.atomic
def remove_contact(*, contact: ContactMethod, now: datetime) -> None:
    """Forget a contact method; what was sent to it stays on record."""
    keep_record("contact.remove", contact, contact.user, now)
    contact.delete()


@transaction.atomic
def confirm_contact(*, contact: ContactMethod, now: datetime) -> None:
    """The person has shown that the address is theirs: from now on pages go there."""
    contact.verified = True
    contact.save(update_fields=["verified"])
    keep_record("contact.confirm", contact, contact.user, now)


@transaction.atomic
def send_test(*, contact: ContactMethod, now: datetime) -> Delivery:
    """Send a test to one contact method; to an e-mail address not yet confirmed it carries the link that confirms."""
    wants_proof = contact.channel == Channel.EMAIL and not contact.verified
    path = confirmation_path(contact) if wants_proof else "/settings/contacts"
    with translation.override(contact.user.language or settings.LANGUAGE_CODE):
        title = _("Test message from Aftercare")
        body = _("If you can read this, pages will reach you here.")
        if wants_proof:
            body = _("Open the link below to confirm that this address is yours. Until then no page goes to it.")
    keep_record("contact.test", contact, contact.user, now)
    return send(
        user=contact.user,
        contact=contact,
        channel=contact.channel,
        address=contact.address,
        kind="contact.test",
        subject_ref=contact.ref,
        title=title,
        body=body,
        url_path=path,
        now=now,
    )


def keep_record(action: str, contact: ContactMethod, actor: User, now: datetime) -> None:
    """The audit row of a change of contact methods."""
    audit.record(
        actor=actor,
        action=action,
        subject=contact.ref,
        customer_id=contact.user.customer_id,
        detail={"channel": contact.channel, "address": contact.address, "person": contact.user.ref},
        now=now,
    )
