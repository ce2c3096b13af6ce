"""Reading the audit."""

from datetime import datetime

from django.db.models import QuerySet

from aftercare.audit.models import Entry


def list_entries(
    *,
    action: str = "",
    actor_id: int | None = None,
    customer_id: int | None = None,
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Entries that fit every given filter, newest first; `since` is included, `until` is not.

    An action that ends in a dot ("ticket.") stands for all of that noun.
    """
    entries = Entry.objects.order_by("-id")
    if action.endswith("."):
        entries = entries.filter(action__startswith=action)
    elif action:
        entries = entries.filter(action=action)
    if actor_id is not None:
        entries = entries.filter(actor_id=actor_id)
    if customer_id is not None:
        entries = entries.filter(customer_id=customer_id)
    if subject:
        entries = entries.filter(subject=subject)
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    return entries
