"""When a call of the green channel joins what is going on, and when it wakes somebody again."""

from datetime import datetime, timedelta

from aftercare.accounts.models import App, Customer, User
from aftercare.desk.models import UNSETTLED, Contact, Emergency, EmergencyCall, Message, PageWish, Side
from aftercare.oncall import actions as oncall
from aftercare.oncall.models import PageState

JOIN_WITHIN = timedelta(hours=12)
WAKE_AGAIN_AFTER = timedelta(minutes=10)
SAME_PRESS_S = 60


def running_emergency(customer: Customer, now: datetime) -> Emergency | None:
    """The customer's newest emergency that is neither settled nor graded down nor older than JOIN_WITHIN."""
    running = Emergency.objects.filter(customer=customer, downgraded_at=None, ticket__status__in=UNSETTLED)
    return running.filter(opened_at__gt=now - JOIN_WITHIN).select_related("ticket").first()


def wakes_again(emergency: Emergency, app: App | None, now: datetime) -> bool:
    """Whether a further call has to wake somebody: not while people are being woken or are at work on it."""
    page = oncall.hold_page(subject_ref=emergency.ticket.ref)
    if page is None or emergency.page_wish == PageWish.CLOSE:
        return True
    if page.state == PageState.OPEN:
        return False
    if app is not None and not emergency.calls.filter(app=app).exists():
        return True
    spoken = Message.objects.filter(ticket=emergency.ticket, side=Side.PROVIDER, internal=False).order_by("-created_at")
    last_words = spoken.values_list("created_at", flat=True).first()
    last_sign = max(at for at in (emergency.woken_at, page.acknowledged_at, last_words) if at is not None)
    return now - last_sign >= WAKE_AGAIN_AFTER


def has_just_called(emergency: Emergency, caller: User | Contact | None, sentence: str, now: datetime) -> bool:
    """Whether the same caller pressed within the last minute and says nothing new."""
    mine = EmergencyCall.objects.filter(emergency=emergency, at__gt=now - timedelta(seconds=SAME_PRESS_S))
    mine = mine.filter(contact=caller) if isinstance(caller, Contact) else mine.filter(user=caller)
    if not mine.exists():
        return False
    return not sentence or Message.objects.filter(ticket=emergency.ticket, body=sentence).exists()
