"""What customers say to a window, and what the owner says to their wish."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.desk import actions as desk
from aftercare.desk.models import Status
from aftercare.incidents.changes.drafting import check_window
from aftercare.incidents.changes.noticing import plan_once
from aftercare.incidents.changes.story import checked_reason, held, record, write_step
from aftercare.incidents.changes.words import span_words
from aftercare.incidents.models import Answer, Change, ChangeCustomer, ChangeState, NoticeKind
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.web.languages import in_both


@transaction.atomic
def answer_change(
    *,
    change: Change,
    customer: Customer,
    answer: str,
    window: int,
    reason: str = "",
    wished_from: datetime | None = None,
    wished_until: datetime | None = None,
    by: User,
    now: datetime,
) -> ChangeCustomer:
    """The customer confirms the window, or asks for another one; said twice it counts once, and the last word counts.

    `window` is the number of the window that was read. `by` is one of the customer's, or of ours who writes down what
    they said. Raises Refused for a window that was moved since, for what has begun or is over, and for a wish without
    a reason.
    """
    row = held(change)
    touched = row.customers.select_related("customer", "ticket").filter(customer=customer, removed_at=None).first()
    if touched is None or row.announced_at is None:
        raise Refused(_("This change does not touch you."))
    touched.change = row
    if answer not in Answer.values:
        raise Refused(_("Confirm the window, or ask to postpone it."))
    if row.state != ChangeState.ANNOUNCED:
        raise Refused(_("There is no window to answer to: the change has begun, is postponed or is over."))
    if window != row.window:
        raise Refused(_("The window was moved since you looked. Look at the new one."))
    if answer == Answer.POSTPONE:
        reason = checked_reason(reason, _("Say why the window does not suit you."))
        check_wish(wished_from, wished_until, now)
    else:
        reason, wished_from, wished_until = "", None, None
    said = (answer, reason, wished_from, wished_until)
    if touched.present_answer and said == (touched.answer, touched.reason, touched.wished_from, touched.wished_until):
        return touched
    touched.answer, touched.reason, touched.wished_from, touched.wished_until = said
    touched.answer_window, touched.answered_at, touched.answered_by, touched.declined = row.window, now, by, ""
    touched.save()
    kind = "confirmed" if answer == Answer.CONFIRM else "asked"
    write_step(row, kind, now=now, actor=by, customer=customer, reason=reason)
    record(f"answer_{answer}", row, by, now, customer, window=window)
    say_in_ticket(touched, by, now)
    if answer == Answer.POSTPONE:
        tell_owner(touched, now)
    return touched


def check_wish(wished_from: datetime | None, wished_until: datetime | None, now: datetime) -> None:
    """A wish may leave the window open, but what it says is one. Raises Refused."""
    if (wished_from is None) != (wished_until is None):
        raise Refused(_("Say both when the window you wish begins and when it ends."))
    if wished_from is not None and wished_until is not None:
        check_window(wished_from, wished_until, now)
        if wished_from <= now:
            raise Refused(_("The window you wish has begun already."))


def answer_words(touched: ChangeCustomer, by: User) -> str:
    """What stands in the ticket."""
    values = {"name": by.name, "reason": touched.reason}
    if touched.answer == Answer.CONFIRM:
        return _("%(name)s confirmed the window.") % values
    words = _("%(name)s asks to postpone: %(reason)s") % values
    if touched.wished_from is None or touched.wished_until is None:
        return words
    wish = span_words(touched.wished_from, touched.wished_until, touched.change.zone)
    return words + "\n" + _("Wished window: %(wish)s") % {"wish": wish}


def say_in_ticket(touched: ChangeCustomer, by: User, now: datetime) -> None:
    """The answer in the customer's ticket, so that whoever reads there knows it."""
    if touched.ticket is not None and touched.ticket.status != Status.CLOSED:
        body, body_zh = in_both(lambda: answer_words(touched, by))
        desk.tell_ticket(ticket=touched.ticket, body=body, body_zh=body_zh, now=now)


def tell_owner(touched: ChangeCustomer, now: datetime) -> None:
    """Somebody has to decide: the owner's console says so."""
    owner = touched.change.owner
    with translation.override(owner.language or settings.LANGUAGE_CODE):
        notify.push(
            user=owner,
            kind="change.asked",
            subject_ref=touched.change.ref,
            title=_("%(customer)s asks to postpone: %(change)s")
            % {"customer": touched.customer.display_name, "change": touched.change.display_title},
            body=touched.reason,
            url_path=f"/changes/{touched.change.ref}",
            now=now,
        )


@transaction.atomic
def decline_wish(*, change: Change, customer: Customer, reason: str, actor: User, now: datetime) -> None:
    """The window stays, and the customer hears why. Raises Refused without a reason, and where nobody asks."""
    row = held(change)
    touched = row.customers.filter(customer=customer, removed_at=None).first()
    if touched is not None:
        touched.change = row
    if touched is None or not touched.is_asking:
        raise Refused(_("This customer does not ask to postpone any more."))
    touched.declined = checked_reason(reason, _("Explain why the window has to stay."))
    touched.save(update_fields=["declined"])
    plan_once(touched, NoticeKind.DECLINED, now)
    write_step(row, "declined", now=now, actor=actor, customer=customer, reason=touched.declined)
    record("decline", row, actor, now, customer, reason=touched.declined)
