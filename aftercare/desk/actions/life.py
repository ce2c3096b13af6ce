"""Following a ticket, telling two problems apart, and calling back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.actions.locking import locked
from aftercare.desk.actions.recording import keep
from aftercare.desk.models import CallBack, CallResult, Following, Ticket
from aftercare.kernel.errors import Refused

CALL_AGAIN = timedelta(days=1)
NOTE_LIMIT = 500


@transaction.atomic
def follow_ticket(*, ticket: Ticket, user: User, follows: bool, now: datetime) -> None:
    """Hear of everything in the ticket, by mail too, or of nothing more."""
    Following.objects.update_or_create(ticket=ticket, user=user, defaults={"follows": follows, "since": now})
    keep(ticket, "ticket.follow" if follows else "ticket.unfollow", user, {}, now)


@transaction.atomic
def tell_apart(*, ticket: Ticket, user: User, now: datetime) -> None:
    """This is not the earlier ticket's problem come back: they have nothing to do with each other."""
    row = locked(ticket, None)
    if row.follows is None:
        return
    earlier = row.follows.ref
    row.follows = None
    row.save(update_fields=["follows"])
    keep(row, "ticket.tell_apart", user, {"earlier": earlier}, now)


@transaction.atomic
def plan_call(
    *, ticket: Ticket, owner: User | None, due_at: datetime, note: str = "", actor: User, now: datetime
) -> CallBack:
    """Somebody of ours is to phone the customer. Raises Refused for one who cannot, a past time or a long note."""
    if owner is not None and (owner.customer_id is not None or not owner.is_active):
        raise Refused(_("Choose a colleague who can still sign in."))
    if due_at < now:
        raise Refused(_("The time for the call is past. Choose a later one."))
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE_LIMIT:
        raise Refused(_("The message is longer than %(limit)s characters. Shorten it.") % {"limit": NOTE_LIMIT})
    call = CallBack.objects.create(
        ticket=ticket, owner=owner, due_at=due_at, note=note, created_by=actor, created_at=now
    )
    detail = {"call": call.ref, "owner": owner.name if owner else "", "due_at": due_at.isoformat()}
    keep(ticket, "call_back.plan", actor, detail, now)
    return call


@transaction.atomic
def record_call(*, call: CallBack, result: str, note: str = "", actor: User, now: datetime) -> CallBack:
    """What came of a call. One that reached nobody is due again a day later.

    Raises Refused for an unknown result, a long note, or a call that is settled, with who settled it.
    """
    if result not in CallResult.values:
        raise Refused(_("Say what came of the call."))
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE_LIMIT:
        raise Refused(_("The message is longer than %(limit)s characters. Shorten it.") % {"limit": NOTE_LIMIT})
    row = CallBack.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=call.pk)
    if row.done_at is not None:
        raise Refused(_("This call is settled already. Reload the page to see what came of it."))
    row.attempts += 1
    row.result, row.owner = result, row.owner or actor
    row.result_note = f"{row.result_note}\n{note}".strip()
    if result == CallResult.MISSED:
        row.due_at, row.reminded_at = now + CALL_AGAIN, None
    else:
        row.done_at = now
    row.save()
    keep(row.ticket, "call_back.record", actor, {"call": row.ref, "result": result}, now)
    return row
