"""Who writes to us without signing in."""

from datetime import datetime

from django.db import IntegrityError, transaction

from aftercare.accounts.models import User
from aftercare.desk.models import Contact, Identity
from aftercare.notify.models import Account


@transaction.atomic
def contact_of(
    *,
    account: Account,
    external_id: str,
    name: str = "",
    email: str = "",
    customer_id: int | None = None,
    user: User | None = None,
    now: datetime,
) -> Contact:
    """The contact that this account knows by `external_id`, made on its first words.

    A known contact keeps its customer and person: what a vendor says of them later changes only an empty name.
    """
    known = Identity.objects.filter(account=account, external_id=external_id).select_related("contact__user").first()
    if known is not None:
        if name and known.contact.name in ("", external_id[:120]):
            known.contact.name = name[:120]
            known.contact.save(update_fields=["name"])
        return known.contact
    contact = Contact.objects.create(
        customer_id=user.customer_id if user else customer_id,
        user=user,
        name=(name or external_id)[:120],
        email=email,
        created_at=now,
    )
    try:
        with transaction.atomic():
            Identity.objects.create(account=account, external_id=external_id, contact=contact)
    except IntegrityError:  # somebody else's first words at the same instant
        contact.delete()
        return Identity.objects.select_related("contact__user").get(account=account, external_id=external_id).contact
    return contact
