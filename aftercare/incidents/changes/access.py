"""Who may see which change: the provider all, a customer's people what was announced and touches their customer."""

from django.db.models import QuerySet
from django.http import Http404

from aftercare.accounts.models import User
from aftercare.incidents.models import Change, ChangeCustomer, Freeze


def changes_for(user: User) -> QuerySet[Change]:
    """Every change `user` may see."""
    changes = Change.objects.select_related("owner", "executor")
    if user.customer_id is None:
        return changes
    theirs = ChangeCustomer.objects.filter(customer=user.customer_id, removed_at=None).values("change")
    return changes.filter(pk__in=theirs, announced_at__isnull=False)


def get_change_for(user: User, ref: str) -> Change:
    """The change. Raises Http404 for a stranger, as if it were not there."""
    change = changes_for(user).filter(ref=ref).first()
    if change is None:
        raise Http404
    return change


def own_row(user: User, change: Change) -> ChangeCustomer:
    """What the change is to the reader's own customer. Raises Http404 for ours, and where it does not touch them."""
    rows = change.customers.select_related("customer", "ticket", "answered_by")
    row = rows.filter(customer=user.customer_id, removed_at=None).first() if user.customer_id else None
    if row is None:
        raise Http404
    row.change = change
    return row


def get_freeze_for(user: User, ref: str) -> Freeze:
    """The freeze. Raises Http404 for customers' people: freezes are the provider's own business."""
    freeze = Freeze.objects.filter(ref=ref).first() if user.is_provider else None
    if freeze is None:
        raise Http404
    return freeze
