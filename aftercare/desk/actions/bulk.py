"""The same done to many tickets at once: each in a transaction of its own, and what became of each told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from aftercare.accounts.access import people_for
from aftercare.accounts.models import User
from aftercare.desk.access import tickets_for
from aftercare.desk.actions.answering import apply_macro
from aftercare.desk.actions.family import Outcome, one_by_one
from aftercare.desk.actions.handling import assign_ticket, claim_ticket, resolve_ticket, set_severity
from aftercare.desk.actions.keeping import snooze_ticket
from aftercare.desk.actions.sorting import tag_ticket
from aftercare.desk.macros import macros_for
from aftercare.desk.models import Macro, Ticket
from aftercare.kernel.errors import Refused

AT_ONCE = 100


def do_in_bulk(*, refs: Sequence[str], what: str, value: str, user: User, now: datetime) -> list[Outcome]:
    """Do it to the first AT_ONCE of these tickets that exist for `user`; what became of each, in their order.

    Raises Refused without a ticket, and for nothing that can be done.
    """
    asked = [ref.replace("\x00", "")[:16] for ref in refs][:AT_ONCE]
    known = {ticket.ref: ticket for ticket in tickets_for(user).filter(ref__in=asked)}
    tickets = [known[ref] for ref in dict.fromkeys(asked) if ref in known]
    if not tickets:
        raise Refused(_("No ticket was chosen. Choose some in the list, with x or by their boxes."))
    return one_by_one(tickets, bulk_deed(what=what, value=value.replace("\x00", ""), user=user, now=now))


def bulk_deed(*, what: str, value: str, user: User, now: datetime) -> Callable[[Ticket], object]:
    """What is to be done to each ticket: claim, solve, severity:P2, assign:<ref>, tag (`value`), snooze, macro:<ref>.

    Raises Refused for nothing that can be done.
    """
    kind, _colon, chosen = what.partition(":")
    match kind:
        case "claim":
            return lambda ticket: claim_ticket(ticket=ticket, user=user, now=now)
        case "solve":
            return lambda ticket: resolve_ticket(ticket=ticket, user=user, now=now)
        case "severity":
            return lambda ticket: set_severity(ticket=ticket, severity=chosen, user=user, now=now)
        case "assign":
            to = people_for(user).filter(ref=chosen[:16], customer__isnull=True).first()
            if to is None:
                raise Refused(_("Choose a colleague who can still sign in."))
            return lambda ticket: assign_ticket(ticket=ticket, assignee=to, actor=user, version=ticket.version, now=now)
        case "tag" if value.strip():
            added = value.replace("，", " ").replace(",", " ").split()
            return lambda ticket: tag_ticket(
                ticket=ticket, names=[*ticket.tags.values_list("name", flat=True), *added], actor=user, now=now
            )
        case "snooze":
            until = now + timedelta(days=1)
            return lambda ticket: snooze_ticket(ticket=ticket, until=until, user=user, now=now)
        case "macro":
            macro: Macro | None = macros_for(user).filter(ref=chosen[:16]).first()
            if macro is not None:
                return lambda ticket: apply_macro(macro=macro, ticket=ticket, user=user, now=now)
    raise Refused(_("Choose what to do with the tickets."))
