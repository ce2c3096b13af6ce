"""Looking at rules that are due, once an hour each. Any number of processes may; each rule is looked at by one.

A look asks the telemetry outside of any transaction: first the rule is claimed for LEASE, then looked at, then what was
found is settled under the rule's lock. A process that dies in between leaves a rule that is due again after LEASE;
settling the same twice changes nothing.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction

from aftercare.kernel.standing import StoodDown, require_current
from aftercare.watch.models import RiskRule
from aftercare.watch.risks.builtin import ensure_builtin
from aftercare.watch.risks.looking import look
from aftercare.watch.risks.settling import settle, tell_overdue
from aftercare.watch.risks.types import Finding

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
LEASE = timedelta(minutes=10)
BUDGET_S = 4.0


def process_due(now: datetime) -> int:
    """Look at the rules that are due, longest due first; returns how many were looked at.

    After BUDGET_S the rest waits for the next round. A rule that raises is put off and does not hold the others.
    """
    ensure_builtin(now)
    until = time.monotonic() + BUDGET_S
    looked = 0
    while time.monotonic() < until:
        rule = claim(now)
        if rule is None:
            return looked
        try:
            looked += settle_all(rule, look(rule, now), now)
        except StoodDown:
            raise
        except Exception:
            log.exception("rule %d of what runs out could not be looked at; put off", rule.pk)
    return looked


@transaction.atomic
def claim(now: datetime) -> RiskRule | None:
    """The rule that is due longest, kept from others for LEASE; None where none is due."""
    require_current()
    due = RiskRule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("customer", "app")
    rule = due.filter(due_at__lte=now, deleted_at=None).order_by("due_at", "pk").first()
    if rule is not None:
        RiskRule.objects.filter(pk=rule.pk).update(due_at=now + LEASE)
    return rule


@transaction.atomic
def settle_all(asked: RiskRule, findings: list[Finding], now: datetime) -> int:
    """Take what was found over; 0 where the rule was changed or deleted while it was looked at, and is due again."""
    require_current()
    rule = RiskRule.objects.select_for_update(no_key=True).filter(pk=asked.pk, deleted_at=None).first()
    if rule is None or rule.edited_at != asked.edited_at:
        return 0
    for finding in findings:
        settle(rule, finding, now)
    tell_overdue(rule, now)
    rule.seen = {one.cause: told(one) for one in findings if not one.is_over}
    rule.is_known = bool(rule.seen)
    rule.looked_at, rule.due_at = now, now + EVERY
    rule.save(update_fields=["seen", "is_known", "looked_at", "due_at"])
    return 1


def told(finding: Finding) -> dict[str, object]:
    """What is kept of a finding with its rule."""
    runs_out_at = finding.runs_out_at.isoformat() if finding.runs_out_at else None
    return {"subject": finding.subject, "runs_out_at": runs_out_at, "measured": finding.measured}
