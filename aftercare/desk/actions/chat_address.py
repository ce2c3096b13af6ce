"""A visitor says where an answer reaches them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.audit import actions as audit
from aftercare.desk.chat.away import usable
from aftercare.desk.mail.addresses import plain
from aftercare.desk.models import ChatVisitor
from aftercare.kernel.errors import Refused


@transaction.atomic
def tell_address(*, visitor: ChatVisitor, address: str, now: datetime) -> str:
    """Keep where answers are mailed once the visitor has left; empty takes it back. Returns it as it is kept.

    Raises Refused for what is no address of a person, and where the visitor's site says their address.
    """
    row = ChatVisitor.objects.select_for_update(no_key=True, of=("self",)).select_related("contact").get(pk=visitor.pk)
    if row.contact.email or row.contact.user_id is not None:
        raise Refused(_("Your address is known from the site that you are signed in to."))
    told = plain(address.replace("\x00", ""))
    if told and not usable(told):
        raise Refused(_("This is not an address that we can write to. Check it, as in name@example.com."))
    row.email = told
    row.save(update_fields=["email"])
    audit.record(
        actor=None,
        action="chat.address",
        subject=row.widget.ref,
        customer_id=row.contact.customer_id,
        detail={"visitor": row.ref, "told": bool(told)},
        now=now,
    )
    return told
