"""Who may see which assurance: the provider all of them, a customer's people those of their own events."""

from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import apps_for
from aftercare.accounts.models import App, User
from aftercare.incidents.models import Assurance, AssuranceEntry, AssuranceItem


def assurances_for(user: User) -> QuerySet[Assurance]:
    """Every assurance this person may see, with its lead."""
    every = Assurance.objects.select_related("lead")
    return every if user.is_provider else every.filter(customers__customer_id=user.customer_id or 0)


def get_assurance_for(user: User, ref: str) -> Assurance:
    """The assurance with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(assurances_for(user), ref=ref)


def items_for(user: User, assurance: Assurance) -> QuerySet[AssuranceItem]:
    """What is to be done, the open things first: a customer's people see what is theirs to do."""
    items = assurance.items.select_related("owner", "customer", "done_by")
    items = items.order_by(F("done_at").asc(nulls_first=True), "due_at", "pk")
    return items if user.is_provider else items.filter(customer_id=user.customer_id or 0)


def entries_for(user: User, assurance: Assurance) -> QuerySet[AssuranceEntry]:
    """The log; a customer's people read the decisions that were written for customers."""
    entries = assurance.entries.select_related("actor")
    return entries if user.is_provider else entries.filter(for_customers=True)


def apps_of(user: User, assurance: Assurance) -> QuerySet[App]:
    """The assurance's apps that exist for this person."""
    return apps_for(user).filter(pk__in=assurance.apps.values("pk")).order_by("customer__name", "name", "pk")
