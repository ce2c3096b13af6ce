"""Handing a ticket up a tier, and bringing it back with an answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.clocks import actions as clocks
from aftercare.clocks.types import Policy, Step
from aftercare.desk.actions.assigning import routing_of, ticket_given
from aftercare.desk.actions.handling import told
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.notes import note
from aftercare.desk.models import EventKind, HandOver, Status, Ticket, Tier
from aftercare.desk.routing.targets import HAND_OVER_CLOCKS, HAND_OVER_S
from aftercare.kernel.errors import Refused

LONGEST = 4_000
REMIND_AT_PERCENT = 75


@transaction.atomic
def hand_over(
    *, ticket: Ticket, to_tier: int, reason: str, tried: str, actor: User, version: int | None = None, now: datetime
) -> HandOver:
    """Pass the ticket up to `to_tier` with why and what was tried; it waits there for whoever fits.

    Starts the tier's internal clock. Raises Refused when the tier is not above the present one, reason or what was
    tried are missing, the ticket is settled, or `version` is stale.
    """
    row = locked(ticket, version)
    routing = routing_of(row, now=now)
    if row.status in (Status.SOLVED, Status.CLOSED):
        raise Refused(_("This ticket is settled. Open it again before you hand it over."))
    if to_tier not in HAND_OVER_CLOCKS or to_tier <= routing.tier:
        raise Refused(_("A ticket is handed up: to tier 2, or to R&D."))
    reason, tried = required(reason, _("Say why it has to go up.")), required(tried, _("Say what was tried already."))
    tier = Tier(to_tier)
    target_s = HAND_OVER_S[tier][row.severity]
    handed = HandOver.objects.create(
        ticket=row,
        from_tier=routing.tier,
        to_tier=tier,
        reason=reason,
        tried=tried,
        by=actor,
        at=now,
        due_at=now + timedelta(seconds=target_s),
    )
    clocks.start(
        kind=HAND_OVER_CLOCKS[tier],
        subject_ref=row.ref,
        customer_id=row.customer_id,
        policy=Policy(target_s, steps=(Step(REMIND_AT_PERCENT, "remind"),)),
        at=now,
    )
    routing.tier, routing.passed_over, routing.waiting_since = tier, [], now
    routing.save(update_fields=["tier", "passed_over", "waiting_since"])
    give(row, None, "", now)
    told(row, actor, EventKind.HANDED_OVER, {"tier": int(tier)}, now)
    heading = _("Handed over to %(tier)s.") % {"tier": tier.label}
    body = "\n".join([heading, _("Why: %(reason)s") % {"reason": reason}, _("Tried: %(tried)s") % {"tried": tried}])
    note(row, actor, body, now)
    return handed


@transaction.atomic
def return_with_answer(*, ticket: Ticket, answer: str, actor: User | None, now: datetime) -> HandOver:
    """Bring the ticket back to the tier and the person who handed it over; `actor` None: a tracker did.

    Raises Refused without an answer, or without a hand-over that is open.
    """
    row = locked(ticket, None)
    handed = open_hand_over(row)
    if handed is None:
        raise Refused(_("This ticket was not handed over, or it is back already."))
    handed.answer = required(answer, _("Write the answer that it comes back with."))
    handed.returned_by, handed.returned_at = actor, now
    handed.save()
    clocks.stop(kind=HAND_OVER_CLOCKS[Tier(handed.to_tier)], subject_ref=row.ref, at=now)
    routing = routing_of(row, now=now)
    routing.tier, routing.passed_over = handed.from_tier, []
    routing.save(update_fields=["tier", "passed_over"])
    back_to = handed.by if handed.by and handed.by.is_active else None
    give(row, back_to, "returned", now)
    told(row, actor, EventKind.RETURNED, {"tier": int(handed.from_tier)}, now)
    body = _("Back from %(tier)s: %(answer)s") % {"tier": Tier(handed.to_tier).label, "answer": handed.answer}
    note(row, actor, body, now)
    return handed


def open_hand_over(ticket: Ticket) -> HandOver | None:
    """The hand-over that has not come back; of several (tier 2, then R&D) the last."""
    return HandOver.objects.filter(ticket=ticket, returned_at__isnull=True).select_related("by").order_by("-pk").first()


def end_hand_overs(ticket: Ticket, now: datetime) -> None:
    """The ticket is settled: nothing more is owed by a tier above, and its clocks count for nothing."""
    for handed in HandOver.objects.filter(ticket=ticket, returned_at__isnull=True):
        clocks.cancel(kind=HAND_OVER_CLOCKS[Tier(handed.to_tier)], subject_ref=ticket.ref, at=now)
        handed.returned_at = now
        handed.save(update_fields=["returned_at"])


def give(row: Ticket, to: User | None, why: str, now: datetime) -> None:
    """Set the assignee and what is kept beside it."""
    row.assignee = to
    ticket_given(row, to=to, why=why, now=now)


def required(text: str, missing: str) -> str:
    """The text, cut to LONGEST. Raises Refused with `missing` when there is none."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    if not text:
        raise Refused(missing)
    return text
