"""What is done once the clock was set back: what was to go by the old clock does not wait until then comes again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value

from aftercare.kernel.clock import CLOCKS_DIFFER
from aftercare.kernel.standing import require_current
from aftercare.notify.models import Delivery, Pace, State

# No sender has longer, no attempt but a program's waits longer for the next, and no burst is paid off later.
LONGEST_DEADLINE = timedelta(seconds=30)
LONGEST_RETRY = timedelta(seconds=240)
LONGEST_DEBT = timedelta(seconds=60)


@transaction.atomic
def bring_back(now: datetime) -> None:
    """Messages that were written in a future that is none are due as if they were written now; retries, cut-off senders
    and paid-off paces come no later than they could from now on. Doing it twice changes nothing.
    """
    require_current()
    waiting = Delivery.objects.filter(state=State.PENDING)
    ahead = ExpressionWrapper(Value(now, DateTimeField()) - F("created_at"), DurationField())
    waiting.filter(created_at__gt=now + CLOCKS_DIFFER).update(due_at=F("due_at") + ahead, created_at=now)
    tried = waiting.filter(attempts__gt=0, waits=0, endpoint=None, due_at__gt=now + LONGEST_RETRY)
    tried.update(due_at=now + LONGEST_RETRY)
    sending = Delivery.objects.filter(state=State.SENDING)
    sending.filter(deadline_at__gt=now + LONGEST_DEADLINE).update(deadline_at=now + LONGEST_DEADLINE)
    Pace.objects.filter(spent_until__gt=now + LONGEST_DEBT).update(spent_until=now + LONGEST_DEBT)
