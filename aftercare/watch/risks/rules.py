"""Making, changing and deleting rules, and telling them figures; each in one transaction with its audit row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.watch.models import Risk, RiskClosing, RiskReading, RiskRule, RiskSource, RiskState
from aftercare.watch.risks.checks import check, check_reading
from aftercare.watch.risks.history import close_risk
from aftercare.watch.risks.types import RiskFacts, facts_of

MOST_OF_ONE = 500
# Beyond this many the oldest go: a figure an hour for three weeks.
READINGS_KEPT = 500


def create_rule(
    *,
    customer: Customer | None,
    app: App | None,
    facts: RiskFacts,
    owner: User | None,
    actor: User | None,
    now: datetime,
) -> RiskRule:
    """Add a rule, the provider's own without a customer; it is looked at at once. `owner` gets what it finds.

    Raises Refused when its settings make no sense or there are MOST_OF_ONE already.
    """
    check(facts, customer, app)
    with transaction.atomic():
        if customer is not None:
            Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if RiskRule.objects.filter(customer=customer, deleted_at=None).count() >= MOST_OF_ONE:
            raise Refused(_("There are %(most)d rules here, the most there can be.") % {"most": MOST_OF_ONE})
        rule = RiskRule.objects.create(
            customer=customer,
            app=app,
            owner=owner,
            due_at=now,
            created_at=now,
            edited_at=now,
            **facts.as_dict(),
        )
        write_audit("create", rule, actor, {}, now)
    return rule


def edit_rule(*, rule: RiskRule, facts: RiskFacts, owner: User | None, actor: User | None, now: datetime) -> RiskRule:
    """Change a rule; it is looked at again at once, and what it no longer finds closes by that look.

    What it looks at stays: raises Refused for another source, besides what `check` refuses or a rule that was deleted.
    """
    check(facts, rule.customer, rule.app)
    with transaction.atomic():
        locked = lock(rule)
        if facts.source != locked.source:
            raise Refused(_("Where it is known from stays as it is: make another rule."))
        before = facts_of(locked).as_dict()
        changed = {name: value for name, value in facts.as_dict().items() if value != before[name]}
        if not changed and locked.owner == owner:
            return locked
        for name, value in changed.items():
            setattr(locked, name, value)
        locked.owner, locked.due_at, locked.edited_at = owner, now, now
        locked.save()
        write_audit("edit", locked, actor, {"changed": sorted(changed)}, now)
    return locked


def delete_rule(*, rule: RiskRule, actor: User | None, now: datetime) -> None:
    """Take a rule away; its open risks are closed as looked at no more. Raises Refused when it was deleted."""
    with transaction.atomic():
        locked = lock(rule)
        locked.deleted_at, locked.due_at = now, None
        locked.save(update_fields=["deleted_at", "due_at"])
        risks = Risk.objects.select_for_update(no_key=True).filter(rule=locked).exclude(state=RiskState.CLOSED)
        for risk in list(risks.order_by("pk")):
            close_risk(risk, RiskClosing.GONE, actor, "", now)
        write_audit("delete", locked, actor, {}, now)


def tell_reading(*, rule: RiskRule, value: float, at: datetime, actor: User | None, now: datetime) -> RiskReading:
    """Take a figure, in the rule's unit, as it was at an instant; told twice for one instant it counts once, as the
    newer. The rule is looked at again at once.

    Raises Refused for a rule that takes no figures, a figure that is none, or one of no time that could be meant.
    """
    check_reading(value, at, now)
    with transaction.atomic():
        locked = lock(rule)
        if locked.source != RiskSource.FIGURES:
            raise Refused(_("This rule takes no figures: it is not known from figures set by hand."))
        reading, made = RiskReading.objects.update_or_create(rule=locked, at=at, defaults={"value": value})
        kept = RiskReading.objects.filter(rule=locked).order_by("-at").values("pk")[:READINGS_KEPT]
        RiskReading.objects.filter(rule=locked).exclude(pk__in=kept).delete()
        locked.due_at = locked.edited_at = now
        locked.save(update_fields=["due_at", "edited_at"])
        write_audit("figure", locked, actor, {"value": value, "at": at.isoformat(), "new": made}, now)
    return reading


def lock(rule: RiskRule) -> RiskRule:
    """The rule under its lock, as it is now. Raises Refused when it was deleted."""
    locked = RiskRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if locked.deleted_at is not None:
        raise Refused(_("This rule has been deleted."))
    return locked


def write_audit(verb: str, rule: RiskRule, actor: User | None, detail: Mapping[str, Any], now: datetime) -> None:
    """The audit row of one change."""
    record(
        actor=actor,
        action=f"risk_rule.{verb}",
        subject=rule.ref,
        customer_id=rule.customer_id,
        detail={"name": rule.name, **detail},
        now=now,
    )
