"""Which colleague a vendor's user is."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.actions.contacts import contact_of
from aftercare.desk.models import Contact, Identity
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account


def colleague_behind(account: Account, external_id: str) -> User | None:
    """The colleague who is this user of the vendor's; None while nobody is, or when they cannot sign in any more."""
    known = Identity.objects.filter(account=account, external_id=external_id).select_related("contact__user").first()
    user = known.contact.user if known else None
    return user if user is not None and user.is_active and user.customer_id is None else None


@transaction.atomic
def link_colleague(*, account: Account, external_id: str, user: User, now: datetime) -> Contact:
    """Remember that this user of the vendor's is this colleague, who has proven to be both.

    Raises Refused when the vendor's user is somebody else already, or a customer's.
    """
    if user.customer_id is not None:
        raise Refused(_("Only colleagues have a sidebar."))
    contact = contact_of(account=account, external_id=external_id, name=user.name, user=user, now=now)
    row = Contact.objects.select_for_update().get(pk=contact.pk)
    if row.customer_id is not None or (row.user_id is not None and row.user_id != user.pk):
        raise Refused(_("This WeCom user is linked with somebody else. Ask an admin."))
    row.user, row.name = user, user.name
    row.save(update_fields=["user", "name"])
    detail = {"person": user.ref, "channel": account.channel}
    audit.record(actor=user, action="contact.link", subject=row.ref, customer_id=None, detail=detail, now=now)
    return row
