"""Coming on, going away, going off: each ends one recorded interval and begins the next."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.inward import CHANNEL
from aftercare.desk.models import PresenceInterval, PresenceState, Routing
from aftercare.kernel.errors import Refused

OFF = "off"


@transaction.atomic
def set_presence(*, user: User, state: str, by: User | None = None, now: datetime) -> PresenceInterval | None:
    """Say that `user` is on, away or off from `now` on; saying it again changes nothing. `by` None: themselves.

    Who comes on is asked again for tickets that they let lie. Raises Refused for another state or a customer's person.
    """
    if state not in (*PresenceState.values, OFF):
        raise Refused(_("Presence is on, away or off."))
    if not user.is_provider:
        raise Refused(_("Only the provider's people have hours on duty."))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two of one person's pages at once
    present = PresenceInterval.objects.filter(user=user, ended_at__isnull=True).first()
    if (present.state if present else OFF) == state:
        return present
    if present is not None:
        present.ended_at = max(now, present.started_at)
        present.save(update_fields=["ended_at"])
    begun = None if state == OFF else PresenceInterval.objects.create(user=user, state=state, started_at=now)
    audit.record(
        actor=by or user,
        action="presence.set",
        subject=user.ref,
        customer_id=None,
        detail={"state": state},
        now=now,
    )
    if state == PresenceState.ON:
        ask_again(user)
        wake_routing()
    return begun


def ask_again(user: User) -> None:
    """Let waiting tickets that this person passed over come to them once more."""
    for waiting in Routing.objects.filter(waiting_since__isnull=False, passed_over__contains=user.pk):
        waiting.passed_over = [other for other in waiting.passed_over if other != user.pk]
        waiting.save(update_fields=["passed_over"])


def wake_routing() -> None:
    """Tell the engine, when the present transaction commits, that somebody is free or a ticket waits."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
