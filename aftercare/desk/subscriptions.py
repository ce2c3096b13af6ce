"""What the desk does when a ticket's clock runs low: whoever can still keep the promise hears of it."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.accounts.models import Role, User
from aftercare.clocks.events import ClockReached
from aftercare.clocks.models import Clock
from aftercare.desk import notices, promises
from aftercare.desk.models import Ticket
from aftercare.web.render.times import duration

LOUD = ("near", "overdue")


def on_clock_reached(event: ClockReached) -> None:
    """Half: who has the ticket, or everybody who answers. Later: both. When it is over: the managers, too."""
    if event.kind not in promises.KINDS:
        return
    ticket = Ticket.objects.select_related("customer", "assignee").filter(ref=event.subject_ref).first()
    if ticket is None:
        return
    clock = Clock.objects.get(pk=event.clock_id)
    people = who_hears(ticket, event.step)
    notices.push_to(people, ticket, lambda: words_of(ticket, clock, event.at), now=event.at)


def who_hears(ticket: Ticket, step: str) -> list[User]:
    """The people to tell at this step."""
    wanted = Q(pk=ticket.assignee_id)
    if ticket.assignee is None or not ticket.assignee.is_active:
        wanted |= Q(pk__in=notices.agents().values("pk"))
    if step == "overdue":
        wanted |= Q(role=Role.MANAGER)
    return list(notices.ours_among(ticket, wanted, with_followers=step in LOUD))


def words_of(ticket: Ticket, clock: Clock, now: datetime) -> tuple[str, str]:
    """What to do, for which ticket, within what time; in the language that is active."""
    values = {"promise": promises.label_of(clock), "number": ticket.number, "customer": ticket.customer.display_name}
    left_s = (clock.due_at - now).total_seconds() if clock.due_at else 0
    values["left"] = duration(max(0, round(left_s)))
    is_over = left_s <= 0
    heading = (
        _("%(promise)s overdue: #%(number)s of %(customer)s")
        if is_over
        else _("%(promise)s due in %(left)s: #%(number)s of %(customer)s")
    )
    return heading % values, ticket.display_title
