"""How an emergency goes on: somebody answers, it is graded down, its page is settled."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.clocks import actions as clocks
from aftercare.desk.actions.emergency import GREEN_ANSWER, happened
from aftercare.desk.actions.handling import set_severity
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.talking import tell_ticket
from aftercare.desk.models import Emergency, EventKind, PageWish, Severity, Ticket
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.oncall.models import PageState
from aftercare.web.languages import in_both

REASON_LIMIT = 500


@transaction.atomic
def mark_answered(*, ticket: Ticket, by: User | None, now: datetime) -> None:
    """A human of ours has seen it or spoken: the clock of the answer stops. `by` None: we do not know their name."""
    row = Emergency.objects.select_for_update(no_key=True).get(ticket=ticket)
    if row.answered_at is None:
        row.answered_at, row.answered_by = now, by
        row.save(update_fields=["answered_at", "answered_by"])
    clocks.stop(kind=GREEN_ANSWER, subject_ref=ticket.ref, at=now)


def wish_for_page(*, ticket: Ticket, wish: PageWish, by: User | None) -> None:
    """Let the engine settle the page: whoever speaks or solves holds the ticket, and a page is locked before it."""
    Emergency.objects.filter(ticket=ticket).update(page_wish=wish, wish_by=by)


@transaction.atomic
def carry_out_wish(*, emergency: Emergency, now: datetime) -> None:
    """Acknowledge the page in the name of who spoke, or close it."""
    wish, ref = emergency.page_wish, emergency.ticket.ref
    page = oncall.hold_page(subject_ref=ref)
    if wish == PageWish.CLOSE:
        oncall.close_page(subject_ref=ref, now=now)
    elif page is not None and page.state == PageState.OPEN and can_take(emergency.wish_by):
        oncall.acknowledge_page(page=page, user=emergency.wish_by, via="console", now=now)
    Emergency.objects.filter(pk=emergency.pk, page_wish=wish).update(page_wish=PageWish.NONE)


def can_take(person: User | None) -> bool:
    """Whether this person's word ends the waking: an agent's "we are looking" does not replace an engineer."""
    return person is not None and can(person, "acknowledge_pages")


@transaction.atomic
def downgrade_emergency(*, ticket: Ticket, severity: str, reason: str, actor: User, now: datetime) -> Emergency:
    """Grade an emergency down, with a reason that the caller reads. The next call opens a new emergency all the same.

    Raises Refused without a reason, or for P1.
    """
    reason = " ".join(reason.replace("\x00", "").split())
    if not reason:
        raise Refused(_("Write the reason: the caller reads it."))
    if len(reason) > REASON_LIMIT:
        raise Refused(_("Say the reason in at most %(n)s characters.") % {"n": REASON_LIMIT})
    if severity not in Severity.values or severity == Severity.P1:
        raise Refused(_("Choose P2, P3 or P4."))
    row = locked(ticket, None)
    emergency = Emergency.objects.select_for_update(no_key=True).get(ticket=row)
    if emergency.downgraded_at is not None:
        raise Refused(_("This emergency was graded down already."))
    set_severity(ticket=row, severity=severity, user=actor, now=now)
    emergency.downgraded_at, emergency.downgraded_by, emergency.downgrade_reason = now, actor, reason
    emergency.page_wish, emergency.wish_by = PageWish.CLOSE, actor
    emergency.save()
    mark_answered(ticket=row, by=actor, now=now)
    happened(row, EventKind.DOWNGRADED, now, actor=actor, to=severity, reason=reason)
    said = {"name": actor.name, "severity": severity, "reason": reason}
    words, words_zh = in_both(
        lambda: (
            _(
                "%(name)s has graded this call as %(severity)s: %(reason)s\n"
                "We go on working on it here. If it gets worse, call the green channel again: it wakes us every time."
            )
            % said
        )
    )
    tell_ticket(ticket=row, body=words, body_zh=words_zh, now=now)
    audit.record(
        actor=actor,
        action="emergency.downgrade",
        subject=row.ref,
        customer_id=row.customer_id,
        detail={"to": severity, "reason": reason},
        now=now,
    )
    return emergency
