"""What status pages announce of changes: those that customers were told of on the pages of whom they touch, and on the
public page those that were put there, in words for everybody.
"""

from datetime import datetime
from typing import Any

from aftercare.incidents.models import Change, ChangeState
from aftercare.incidents.status.planned import Planned

SHOWN = (ChangeState.ANNOUNCED, ChangeState.RUNNING)


def planned_changes(now: datetime) -> list[Planned]:
    """The announced changes that are not over."""
    changes = Change.objects.filter(state__in=SHOWN, ends_at__gt=now)
    found = []
    for change in changes.select_related("public_maintenance").prefetch_related("customers"):
        when: dict[str, Any] = {"ref": change.ref, "window": change.window, "said_at": change.announced_at or now}
        when |= {"starts_at": change.starts_at, "ends_at": change.ends_at}
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
