"""What status pages announce of changes: those that customers were told of, each on the pages of whom it touches."""

from datetime import datetime

from aftercare.incidents.models import Change, ChangeState
from aftercare.incidents.status.planned import Planned

SHOWN = (ChangeState.ANNOUNCED, ChangeState.RUNNING)


def planned_changes(now: datetime) -> list[Planned]:
    """The announced changes that are not over. The public page shows none: it names the provider's own machines."""
    changes = Change.objects.filter(state__in=SHOWN, ends_at__gt=now).prefetch_related("customers")
    return [
        Planned(
            title=change.title or change.title_zh,
            title_zh=change.title_zh or change.title,
            starts_at=change.starts_at,
            ends_at=change.ends_at,
            body=change.feel or change.feel_zh,
            body_zh=change.feel_zh or change.feel,
            customers=frozenset(one.customer_id for one in change.customers.all() if one.removed_at is None),
        )
        for change in changes
    ]
