"""Reaching one person through whichever account can: who sends is asked at each attempt, never written in advance.

Accounts go by their order. One that cannot reach this country, that the vendor asked to be silent, or whose limit for
this callee is used up is passed over; where none is left the message fails at once, with a sentence, so that whoever
waits for it can wake somebody else instead of hoping.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from aftercare.notify.engine import callee_limits, pace, results
from aftercare.notify.models import Account, ContactMethod, Delivery, Pace, Ring, Urgency
from aftercare.notify.outcome import Outcome, Verdict
from aftercare.notify.reach import is_to_person, reaches

NO_WAY = _("No account with a vendor can reach this address")
ALL_LIMITED = _("The limit of every vendor for this number is used up")
GONE = _("The way to reach this person was switched off")


def assign(rows: list[Delivery], now: datetime) -> list[Delivery]:
    """Give each locked row that rings its account; those that none can reach fail. Returns what may go.

    Runs in the claim's transaction. The locks of addresses are taken in one order and held until it ends: of two
    processes that want the same number, the second counts what the first has taken.
    """
    ringing = [row for row in rows if is_to_person(row)]
    if not ringing:
        return rows
    lock_addresses(f"{row.channel} {row.address}" for row in ringing)
    stuck: list[tuple[Delivery, str]] = []
    for row in ringing:
        found, reason = account_for(row, now)
        if found is None:
            stuck.append((row, reason))
        else:
            row.account = found
            Ring.objects.create(
                account=found, address=row.address, kind=row.kind, delivery=row, attempt=row.attempts + 1, at=now
            )
            row.save(update_fields=["account"])
    for row, reason in sorted(stuck, key=lambda pair: (pair[0].subject_ref, pair[0].pk)):
        results.settle_failed(row, reason, now)  # in one order of subjects, as everywhere
    failed = {row.pk for row, _reason in stuck}
    return [row for row in rows if row.pk not in failed]


def take_back(rows: list[Delivery]) -> None:
    """These do not go now after all: nothing of them counts."""
    for row in filter(is_to_person, rows):
        Ring.objects.filter(delivery=row, attempt=row.attempts + 1).delete()


def lock_addresses(keys: Iterable[str]) -> None:
    """Hold these addresses until the transaction ends."""
    with connection.cursor() as cursor:
        for key in sorted(set(keys)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"ring {key}"])


def account_for(delivery: Delivery, now: datetime) -> tuple[Account | None, str]:
    """Who sends this now; None with the sentence why nobody can."""
    contact = delivery.contact
    if contact is not None and not contact.enabled:
        return None, GONE
    able = accounts_that_reach(delivery, contact)
    if not able:
        return None, NO_WAY
    untried = [account for account in able if account.pk not in delivery.tried]
    for account in untried:
        if not is_held(account, delivery.address, now) and not callee_limits.forbids(
            account, delivery.address, delivery.kind, now
        ):
            return account, ""
    return None, ALL_LIMITED if untried else delivery.last_error or NO_WAY


def accounts_that_reach(delivery: Delivery, contact: ContactMethod | None) -> list[Account]:
    """The accounts in use that could bring it there, in their order."""
    in_use = Account.objects.filter(channel=delivery.channel, enabled=True, quiet=False).order_by("place", "id")
    if contact is None and delivery.account_id is not None:
        in_use = in_use.filter(pk=delivery.account_id)
    elif contact is not None and contact.account_id is not None:
        in_use = in_use.filter(pk=contact.account_id)
    return [account for account in in_use if reaches(account, delivery.channel, delivery.address)]


def is_held(account: Account, address: str, now: datetime) -> bool:
    """Whether the vendor asked for silence, in all or for this callee."""
    held = Pace.objects.filter(account=account, held_until__gt=now)
    return held.filter(Q(address="") | Q(address=address)).exists()


def settle(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Record an attempt on a locked row that was not sent: on to the next account, or given up."""
    if outcome.blames_account:
        results.remember_of_account(delivery, outcome.error)
    if outcome.verdict in (Verdict.TEMPORARY, Verdict.PERMANENT):
        Ring.objects.filter(delivery=delivery, attempt=delivery.attempts).delete()
    if outcome.verdict is Verdict.UNKNOWN and delivery.urgency != Urgency.URGENT:
        results.settle_unknown(delivery, outcome.error, delay_s=0, now=now)
        return
    if outcome.wait_s:
        pace.hold(delivery, seconds=outcome.wait_s, whole_account=outcome.waits_for_account, now=now)
    if delivery.account_id is not None:
        delivery.tried = [*delivery.tried, delivery.account_id]
    delivery.repeat = delivery.repeat or outcome.verdict is Verdict.UNKNOWN
    next_account, _reason = account_for(delivery, now)
    if next_account is not None:
        go_on(delivery, outcome.error, 0, now)
    elif is_final(delivery, outcome):
        results.settle_failed(delivery, outcome.error, now)
    else:  # all were tried and something may yet work: from the first again, later
        delivery.tried = []
        go_on(delivery, outcome.error, outcome.wait_s or results.retry_delay_s(delivery.attempts), now)


def is_final(delivery: Delivery, outcome: Outcome) -> bool:
    """Whether waiting would bring nothing: refused for good, worn out, or the callee's limit."""
    is_limit = bool(outcome.wait_s) and not outcome.waits_for_account
    return is_limit or outcome.verdict is Verdict.PERMANENT or results.is_worn_out(delivery)


def go_on(delivery: Delivery, reason: str, delay_s: float, now: datetime) -> None:
    """Put the row back, with what was tried."""
    results.put_back(delivery, reason, delay_s=delay_s, now=now)
    delivery.save(update_fields=["tried", "repeat"])
