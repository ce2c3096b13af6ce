"""Writing down what became of an attempt. All of it runs in the caller's transaction, on a locked row."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from aftercare.kernel import events
from aftercare.notify.engine import pace
from aftercare.notify.events import DeliveriesSent, DeliveryFailed, Sent
from aftercare.notify.ladder import bring_forward
from aftercare.notify.models import SETTLED, Account, Channel, Delivery, State, Urgency
from aftercare.notify.outcome import Outcome, Verdict

FIRST_RETRY_S = 15
ATTEMPTS = {Urgency.URGENT: 6, Urgency.ROUTINE: 4}
# A customer's program may be down for a night: twelve attempts, each twice as long after the one before, are 8.5 hours.
ATTEMPTS_OF_ENDPOINT = 12
# How long a vendor may ask for silence before the words are too old to be worth sending.
PATIENCE = timedelta(hours=12)
CUT_OFF = _("The sender stopped in the middle; the message may have arrived.")


def settle(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Record the outcome of what was not sent: tried again later, or given up."""
    if outcome.blames_account:
        remember_of_account(delivery, outcome.error)
    if outcome.wait_s:
        settle_too_fast(delivery, outcome, now)
    elif outcome.verdict is Verdict.UNKNOWN:
        settle_unknown(delivery, outcome.error, delay_s=retry_delay_s(delivery.attempts), now=now)
    elif outcome.verdict is Verdict.PERMANENT or is_worn_out(delivery):
        settle_failed(delivery, outcome.error, now)
    else:
        put_back(delivery, outcome.error, delay_s=retry_delay_s(delivery.attempts), now=now)


def settle_sent(taken: Sequence[tuple[Delivery, str]], now: datetime) -> None:
    """Their providers have these: rows in the order of their subjects, each with the provider's id of it."""
    by_id: dict[str, list[int]] = defaultdict(list)
    for delivery, provider_message_id in taken:
        by_id[provider_message_id[:200]].append(delivery.pk)
    for provider_message_id, together in by_id.items():
        Delivery.objects.filter(pk__in=together).update(
            state=State.SENT,
            sent_at=now,
            provider_message_id=provider_message_id,
            last_error="",
            deadline_at=None,
            secret_url="",
        )
    rows = [delivery for delivery, _id in taken]
    spoke = {row.account_id for row in rows if row.account_id is not None and row.channel != Channel.EMAIL}
    if spoke:
        Account.objects.filter(pk__in=spoke).exclude(last_error="").update(last_error="")
    events.publish(DeliveriesSent(tuple(Sent(row.pk, row.subject_ref, row.kind) for row in rows), now))


def settle_too_fast(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """The vendor asks for silence: all that it concerns waits, and this was no attempt that counts."""
    if now - delivery.created_at > PATIENCE:
        settle_failed(delivery, outcome.error, now)
        return
    pace.hold(delivery, seconds=outcome.wait_s, whole_account=outcome.waits_for_account, now=now)
    delivery.waits += 1
    put_back(delivery, outcome.error, delay_s=outcome.wait_s, now=now)


def remember_of_account(delivery: Delivery, error: str) -> None:
    """What staff should know of the account: the sentence why nothing goes. Once something went it is forgotten.

    A mailbox's sentence may be about hearing, which a mail that went out does not mend.
    """
    if delivery.account_id is not None and delivery.channel != Channel.EMAIL:
        Account.objects.filter(pk=delivery.account_id).exclude(last_error=error[:500]).update(last_error=error[:500])


def settle_unknown(delivery: Delivery, reason: str, *, delay_s: int, now: datetime) -> None:
    """The provider may have it: urgent goes again as a repeat, routine does not.

    A program hears again, too: it knows a repeat by its `webhook-id`.
    """
    may_repeat = delivery.urgency == Urgency.URGENT or delivery.endpoint_id is not None
    if may_repeat and not is_worn_out(delivery):
        delivery.repeat = True
        put_back(delivery, reason, delay_s=delay_s, now=now)
        return
    delivery.state = State.DROPPED
    tell_failed(delivery, reason, now)


def settle_failed(delivery: Delivery, reason: str, now: datetime) -> None:
    """It will not be sent."""
    delivery.state = State.FAILED
    tell_failed(delivery, reason, now)


def tell_failed(delivery: Delivery, reason: str, now: datetime) -> None:
    """Keep the end and its reason, let the person's next way come at once, and tell the rooms above."""
    delivery.last_error = reason[:500]
    keep(delivery)
    bring_forward(delivery, now)
    failed = DeliveryFailed(delivery_id=delivery.pk, subject_ref=delivery.subject_ref, reason=reason, at=now)
    events.publish(failed)


def put_back(delivery: Delivery, reason: str, *, delay_s: float, now: datetime) -> None:
    """Due again in `delay_s` seconds."""
    delivery.state = State.PENDING
    delivery.due_at = now + timedelta(seconds=delay_s)
    delivery.last_error = reason[:500]
    keep(delivery)


def keep(delivery: Delivery) -> None:
    """Write the row's outcome; a row that is settled has no deadline, and its one-time link is forgotten."""
    delivery.deadline_at = None
    if delivery.state not in SETTLED:
        delivery.bundle = None  # whom it goes with is asked at each attempt
    if delivery.state in SETTLED:
        delivery.secret_url = ""
    fields = ["state", "due_at", "deadline_at", "attempts", "repeat", "provider_message_id", "last_error", "sent_at"]
    fields += ["secret_url", "waits", "bundle"]
    delivery.save(update_fields=fields)


def is_worn_out(delivery: Delivery) -> bool:
    """Whether its urgency allows no further attempt."""
    most = ATTEMPTS[Urgency(delivery.urgency)] if delivery.endpoint_id is None else ATTEMPTS_OF_ENDPOINT
    return delivery.attempts - delivery.waits >= most


def retry_delay_s(attempts: int) -> int:
    """15 s after the first attempt, doubled after each further one."""
    return int(FIRST_RETRY_S * 2 ** (max(attempts, 1) - 1))
