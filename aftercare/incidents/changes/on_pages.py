"""What status pages announce of changes: those that customers were told of on the pages of whom they touch, and on the
public page those that were put there, in words for everybody.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from aftercare.incidents.models import Change, ChangeState
from aftercare.incidents.status import planned
from aftercare.incidents.status.planned import Planned

# How long pages still say that it is over, cancelled, or has no new time yet.
STANDS_FOR = timedelta(days=3)
# Whether it worked is between us and those whom it touched.
STATES = {
    ChangeState.ANNOUNCED: planned.TO_COME,
    ChangeState.RUNNING: planned.RUNNING,
    ChangeState.DONE: planned.DONE,
    ChangeState.ROLLED_BACK: planned.DONE,
    ChangeState.POSTPONED: planned.POSTPONED,
    ChangeState.CANCELLED: planned.CANCELLED,
}


def planned_changes(now: datetime) -> list[Planned]:
    """The changes that were announced: what is to come, what runs, however long, and what ended lately.

    One whose window passed without anybody saying that it began is none of these: nobody knows what became of it.
    """
    found = []
    for change in (*to_come(now), *ended(now)):
        when: dict[str, Any] = {"ref": change.ref, "window": change.window, "said_at": change.announced_at}
        when |= {"starts_at": change.starts_at, "ends_at": change.ends_at}
        when |= {
            "state": STATES[ChangeState(change.state)],
            "changed_at": getattr(change, "left_at", change.started_at),
        }
        touched = frozenset(one.customer_id for one in change.customers.all() if one.removed_at is None)
        found.append(
            Planned(
                **when,
                title=change.title or change.title_zh,
                title_zh=change.title_zh or change.title,
                body=change.feel or change.feel_zh,
                body_zh=change.feel_zh or change.feel,
                customers=touched,
            )
        )
        public = getattr(change, "public_maintenance", None)
        if public is not None:
            texts = {name: getattr(public, name) for name in ("title", "title_zh", "body", "body_zh")}
            found.append(Planned(**when, **texts, is_public=True))
    return found


def to_come(now: datetime) -> "QuerySet[Change]":
    """What is announced for later or for now, and what runs."""
    lasts = Q(state=ChangeState.ANNOUNCED, ends_at__gt=now) | Q(state=ChangeState.RUNNING)
    return Change.objects.filter(lasts).select_related("public_maintenance").prefetch_related("customers")


def ended(now: datetime) -> "QuerySet[Change]":
    """What lately came into its state, at `left_at`: the line of its story that says so is named like the state."""
    over = (ChangeState.DONE, ChangeState.ROLLED_BACK, ChangeState.POSTPONED, ChangeState.CANCELLED)
    known = Change.objects.filter(state__in=over, announced_at__isnull=False)
    lately = known.filter(story__kind=F("state"), story__at__gt=now - STANDS_FOR).annotate(left_at=Max("story__at"))
    return lately.select_related("public_maintenance").prefetch_related("customers")
