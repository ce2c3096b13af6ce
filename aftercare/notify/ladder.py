"""A person's ways stand on a ladder, each some seconds after a page: where one fails, the next need not wait."""

from datetime import datetime

from aftercare.notify.models import CONVERSATION, Delivery, State


def bring_forward(delivery: Delivery, now: datetime) -> None:
    """The next way to the same person about the same thing is due now."""
    if delivery.user_id is None or delivery.kind == CONVERSATION:
        return
    later = Delivery.objects.select_for_update(skip_locked=True).filter(
        user=delivery.user_id,
        subject_ref=delivery.subject_ref,
        kind=delivery.kind,
        state=State.PENDING,
        attempts=0,
        due_at__gt=now,
    )
    first = later.order_by("due_at", "id").values_list("pk", flat=True).first()
    if first is not None:
        Delivery.objects.filter(pk=first, state=State.PENDING).update(due_at=now)
