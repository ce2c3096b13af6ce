"""What is promised and suspected, by kind: one row of settings."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import ChangeRules
from aftercare.kernel.errors import Refused

NAMES = ("promised_lead_h", "suspect_change_h", "suspect_cutover_h", "suspect_maintenance_h")
MOST_HOURS = 14 * 24


def change_rules() -> ChangeRules:
    """The rules that hold; the defaults until somebody sets others."""
    return ChangeRules.objects.first() or ChangeRules()


@transaction.atomic
def save_rules(*, facts: dict[str, int], actor: User, now: datetime) -> ChangeRules:
    """Other rules from now on; announced changes keep what was promised then. Raises Refused."""
    if not all(0 <= facts[name] <= MOST_HOURS for name in NAMES):
        raise Refused(_("Hours are 0 to %(most)s.") % {"most": MOST_HOURS})
    rules, _is_new = ChangeRules.objects.update_or_create(pk=1, defaults={name: facts[name] for name in NAMES})
    detail: dict[str, object] = {name: facts[name] for name in NAMES}
    audit.record(actor=actor, action="change.rules", subject="changes", customer_id=None, detail=detail, now=now)
    return rules
