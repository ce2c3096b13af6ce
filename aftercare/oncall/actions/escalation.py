"""Saying which pages go by which policy, and who above is told when one takes too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.schedules import keep_record
from aftercare.oncall.models import EscalationPolicy, ManagementRung, PolicyRule, Severity, Until

RUNGS_AT_MOST = 20
RULES_AT_MOST = 500
LATEST_MIN = 24 * 60


@dataclass(frozen=True)
class Rung:
    """One who is told `minutes` after a page of this severity began; `title` is what they are told it as."""

    minutes: int
    user: User
    severity: str = Severity.RED
    until: str = Until.ACKNOWLEDGED
    title: str = ""


@transaction.atomic
def save_rule(
    *, customer: Customer | None, severity: str, policy: EscalationPolicy, actor: User | None, now: datetime
) -> PolicyRule:
    """Let these pages go by the policy: of one customer or of all (None), of one severity or of both (empty). What
    another rule said of the same pages is over. Raises Refused for all pages, which the default policy is for.
    """
    check_rule(customer, severity)
    if PolicyRule.objects.count() >= RULES_AT_MOST:
        raise Refused(_("There are %(n)s rules already; remove one first.") % {"n": RULES_AT_MOST})
    rule, is_new = PolicyRule.objects.select_for_update(of=("self",)).get_or_create(
        customer=customer, severity=severity, defaults={"policy": policy}
    )
    if is_new or rule.policy_id != policy.pk:
        rule.policy = policy
        rule.save(update_fields=["policy"])
        keep_record("rule.save", rule.ref, actor, now, **told_of(rule))
    return rule


def check_rule(customer: Customer | None, severity: str) -> None:
    """Raise Refused for a rule about no pages or all."""
    if severity and severity not in Severity.values:
        raise Refused(_("A page is red or a warning."))
    if customer is None and not severity:
        raise Refused(_("Name a customer or a severity: all other pages go by the default policy."))


@transaction.atomic
def remove_rule(*, rule: PolicyRule, actor: User | None, now: datetime) -> None:
    """These pages go by whatever else is said of them."""
    keep_record("rule.remove", rule.ref, actor, now, **told_of(rule))
    rule.delete()


def told_of(rule: PolicyRule) -> dict[str, str]:
    """A rule for the audit."""
    return {
        "customer": rule.customer.ref if rule.customer else "",
        "severity": rule.severity,
        "policy": rule.policy.ref,
    }


@transaction.atomic
def save_rungs(*, rungs: Sequence[Rung], actor: User | None, now: datetime) -> None:
    """The whole management escalation; empty: nobody is told. Pages that began already keep what they began with.

    Raises Refused for somebody who is none of the provider's own or told twice at once, and a time that is none.
    """
    if len(rungs) > RUNGS_AT_MOST:
        raise Refused(_("At most %(n)s people are told.") % {"n": RUNGS_AT_MOST})
    for one in rungs:
        check_rung(one)
    if len({(one.severity, one.minutes, one.user.pk) for one in rungs}) != len(rungs):
        raise Refused(_("Somebody is told twice at the same time."))
    list(ManagementRung.objects.select_for_update().order_by("pk"))
    before = [as_told(one) for one in ManagementRung.objects.select_related("user")]
    ordered = sorted(rungs, key=lambda one: (one.severity, one.minutes))
    if before == [as_told(one) for one in ordered]:
        return
    ManagementRung.objects.all().delete()
    ManagementRung.objects.bulk_create(ManagementRung(**vars(one)) for one in ordered)
    keep_record("management.save", "management", actor, now, rungs=[list(as_told(one)) for one in ordered])


def check_rung(rung: Rung) -> None:
    """Raise Refused for one that could not be."""
    if not 1 <= rung.minutes <= LATEST_MIN:
        raise Refused(_("Somebody above is told 1 minute to 24 hours after a page began."))
    if rung.severity not in Severity.values:
        raise Refused(_("A page is red or a warning."))
    if rung.until not in Until.values:
        raise Refused(_("They are told where nobody has it, or where it is not over."))
    if not rung.user.is_provider or not rung.user.is_active:
        raise Refused(_("%(person)s is none of the provider's own people.") % {"person": rung.user.name})


def as_told(rung: Rung | ManagementRung) -> tuple[str, int, str, str, str]:
    """A rung for comparison and for the audit."""
    return (str(rung.severity), rung.minutes, str(rung.until), rung.title, rung.user.ref)
