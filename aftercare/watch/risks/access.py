"""Who may see which rule and which hidden risk: the provider all of them, a customer's people their own company's."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import Visitor, customers_for
from aftercare.accounts.models import User
from aftercare.watch.models import Risk, RiskRule


def theirs(user: Visitor) -> Q:
    """The condition on `customer`; what has none is the provider's own."""
    condition = Q(customer__in=customers_for(user))
    if isinstance(user, User) and user.is_active and user.is_provider:
        condition |= Q(customer=None)
    return condition


def risks_for(user: Visitor) -> QuerySet[Risk]:
    """Every risk this person may see, closed ones too, with its rule, owner and whose it is."""
    return Risk.objects.select_related("rule", "customer", "app", "owner").filter(theirs(user))


def get_risk_for(user: Visitor, ref: str) -> Risk:
    """The risk with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(risks_for(user), ref=ref)


def rules_for(user: Visitor) -> QuerySet[RiskRule]:
    """Every rule this person may see; deleted ones are gone, the provider's are for its people alone."""
    return RiskRule.objects.select_related("customer", "app", "owner").filter(theirs(user), deleted_at=None)


def get_rule_for(user: Visitor, ref: str) -> RiskRule:
    """The rule with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(rules_for(user), ref=ref)
