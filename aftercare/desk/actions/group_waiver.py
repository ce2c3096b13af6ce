"""Words of a customer that ask for nothing: "thanks" is owed no answer."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.clocks import actions as clocks
from aftercare.desk.models import GROUP_REPLY, Group
from aftercare.desk.reminders import REMINDER
from aftercare.notify import actions as notify

NOT_OWED = gettext_noop("No answer was owed.")


@transaction.atomic
def waive_reply(*, group: Group, actor: User, now: datetime) -> Group:
    """Nobody needs to answer what was said last. The next words start a new clock; one that was late stays late."""
    row = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if row.waiting_since is None:
        return row
    clock = clocks.cancel(kind=GROUP_REPLY, subject_ref=row.ref, at=now)
    row.waiting_since = None
    row.save(update_fields=["waiting_since"])
    notify.drop_pending(subject_ref=row.ref, kind=REMINDER, reason=NOT_OWED)
    late = clock is not None and clock.breached_at is not None
    audit.record(
        actor=actor,
        action="group.waive",
        subject=row.ref,
        customer_id=row.customer_id,
        detail={"was_late": late},
        now=now,
    )
    return row
