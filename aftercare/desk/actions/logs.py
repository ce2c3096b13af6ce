"""Asking for one end user's SDK log, and following it until somebody has read it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.accounts.queries import user_hash
from aftercare.audit import actions as audit
from aftercare.desk.actions.asking import cleaned
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.talking import reply
from aftercare.desk.models import OPEN_LOGS, Attachment, LogRequest, LogState, Status, Ticket
from aftercare.kernel.errors import Refused

KEPT_OPEN = timedelta(hours=72)
LONGEST_USER = 128

# Where a request may go from where it stands, and whose step it is.
STEPS = {
    LogState.ASKED: (LogState.SENT, LogState.UPLOADED, LogState.REFUSED),
    LogState.SENT: (LogState.UPLOADED, LogState.REFUSED),
    LogState.UPLOADED: (LogState.ANALYSED,),
}
OURS_ALONE = (LogState.ANALYSED,)


@transaction.atomic
def request_log(*, ticket: Ticket, identifier: str, actor: User, now: datetime) -> LogRequest:
    """Ask the customer for the SDK log of the user with this identifier; a message in the ticket says so.

    Raises Refused without an identifier, on a settled ticket, and while the same user's log is asked for already.
    """
    row = locked(ticket, None)
    identifier = cleaned(identifier)[:LONGEST_USER]
    if not identifier:
        raise Refused(_("Give the user's identifier as the app sends it."))
    if row.status in (Status.SOLVED, Status.CLOSED):
        raise Refused(_("This ticket is settled. Open it again before you ask."))
    hashed = user_hash(row.customer, identifier).hex()
    if LogRequest.objects.filter(ticket=row, user_hash=hashed, state__in=OPEN_LOGS).exists():
        raise Refused(_("The log of this user is asked for already."))
    asked = LogRequest.objects.create(
        ticket=row,
        user_told=identifier,
        user_hash=hashed,
        history=[[LogState.ASKED, now.isoformat(), actor.name]],
        asked_by=actor,
        asked_at=now,
        expires_at=now + KEPT_OPEN,
        updated_at=now,
    )
    with translation.override(row.customer.language):
        body = _("We need the SDK log of user %(user)s. Send the request to the device, then say so on this page.")
        reply(ticket=row, author=actor, body=body % {"user": identifier}, now=now)
    keep(asked, actor, now)
    return asked


@transaction.atomic
def move_log(
    *, request: LogRequest, state: str, note: str = "", file: Attachment | None = None, actor: User, now: datetime
) -> LogRequest:
    """Take a request one step on. Raises Refused for a step that does not follow, or that is not this person's."""
    row = LogRequest.objects.select_for_update().get(pk=request.pk)
    if state not in STEPS.get(LogState(row.state), ()):
        told = {"state": LogState(row.state).label}
        raise Refused(_("This log is “%(state)s” now. Reload the page to see what can follow.") % told)
    if state in OURS_ALONE and not actor.is_provider:
        raise Refused(_("Whoever reads the log says that it was analysed."))
    note = cleaned(note)
    if state in (LogState.ANALYSED, LogState.REFUSED) and not note:
        raise Refused(_("Say what was found, or why it is refused."))
    if state == LogState.UPLOADED and (file is None or file.message is None or file.message.ticket_id != row.ticket_id):
        raise Refused(_("Send the log as a file of a message on this ticket first, then choose it here."))
    row.state, row.note, row.updated_at = state, note or row.note, now
    row.file = file or row.file
    row.history = [*row.history, [state, now.isoformat(), actor.name]]
    row.save()
    keep(row, actor, now)
    return row


def expire_logs(now: datetime) -> int:
    """Requests that nobody answered in 72 hours are over; returns how many."""
    due = LogRequest.objects.filter(state__in=(LogState.ASKED, LogState.SENT), expires_at__lte=now)
    ended = 0
    with transaction.atomic():
        for row in due.select_for_update(skip_locked=True, of=("self",)).select_related("ticket")[:200]:
            row.state, row.updated_at = LogState.EXPIRED, now
            row.history = [*row.history, [LogState.EXPIRED, now.isoformat(), ""]]
            row.save(update_fields=["state", "updated_at", "history"])
            keep(row, None, now)
            ended += 1
    return ended


def keep(request: LogRequest, actor: User | None, now: datetime) -> None:
    """The audit row; the user is in it by hash alone."""
    audit.record(
        actor=actor,
        action="log.move",
        subject=request.ref,
        customer_id=request.ticket.customer_id,
        detail={"ticket": request.ticket.ref, "state": request.state, "user_hash": request.user_hash},
        now=now,
    )
