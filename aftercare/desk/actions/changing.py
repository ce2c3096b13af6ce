"""Words that a vendor's user edited or took back: one message, with what it said before."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.audit import actions as audit
from aftercare.desk import notices
from aftercare.desk.models import ChangeKind, Message, MessageChange


@transaction.atomic
def change_message(
    *, message: Message, kind: ChangeKind, body: str = "", provider_message_id: str, now: datetime
) -> Message | None:
    """Give a message of a vendor's user its new words and keep the former; no clock starts, since nothing is new.

    Whoever of ours hears of the ticket is told. None when this change is here already, changes nothing, or is of words
    that did not come from a vendor.
    """
    row = Message.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=message.pk)
    provider_message_id = provider_message_id[:200]
    known = MessageChange.objects.filter(message=row, provider_message_id=provider_message_id)
    if row.contact_id is None or row.account_id is None or known.exists() or (body and body == row.body):
        return None
    MessageChange.objects.create(
        message=row, provider_message_id=provider_message_id, kind=kind, former=row.body, at=now
    )
    with translation.override(row.group.language if row.group else None):
        row.body = body or _("(taken back by the sender)")
    row.save(update_fields=["body"])
    place = row.ticket or row.group
    if place is not None:
        detail = {"message": row.ref, "kind": kind}
        audit.record(
            actor=None,
            action="message.change",
            subject=place.ref,
            customer_id=place.customer_id,
            detail=detail,
            now=now,
        )
    if row.ticket is not None:
        notices.tell_of_change(row.ticket, row, kind, now=now)
    return row
