"""What becomes of an emergency when on-call, the clocks or the desk itself tell of it: rows, in their transaction."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.clocks.events import ClockBreached
from aftercare.desk.actions.emergency import GREEN_ANSWER, happened
from aftercare.desk.actions.emergency_course import can_take, mark_answered, wish_for_page
from aftercare.desk.actions.handling import resolve_ticket
from aftercare.desk.actions.talking import tell_ticket
from aftercare.desk.events import MessagePosted, TicketSolved
from aftercare.desk.models import Emergency, EventKind, PageWish, Side, Ticket
from aftercare.desk.reminders import desk_managers, write_to
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall
from aftercare.oncall.events import PageAcknowledged, PageEscalated, PageHandedOver, PageResolveAsked, PagesDelivered
from aftercare.web.languages import in_both


def tickets_of(refs: Iterable[str]) -> dict[str, Ticket]:
    """The war rooms that pages are about, by ref; pages about anything else have none."""
    emergencies = Emergency.objects.filter(ticket__ref__in=set(refs)).select_related("ticket__customer")
    return {emergency.ticket.ref: emergency.ticket for emergency in emergencies}


def ticket_of(ref: str) -> Ticket | None:
    """The war room that a page is about; None for pages about anything else."""
    return tickets_of([ref]).get(ref)


def on_pages_delivered(event: PagesDelivered) -> None:
    """Say whom the pages reached, and by what."""
    tickets = tickets_of(one.subject_ref for one in event.reached)
    people = User.objects.in_bulk({one.user_id for one in event.reached}) if tickets else {}
    for one in event.reached:
        ticket, person = tickets.get(one.subject_ref), people.get(one.user_id)
        if ticket is not None and person is not None:
            happened(ticket, EventKind.WOKEN, event.at, people=[person.name], channel=one.channel)


def on_page_escalated(event: PageEscalated) -> None:
    """Say who is woken next."""
    ticket = ticket_of(event.subject_ref)
    if ticket is None:
        return
    names = list(User.objects.filter(pk__in=event.user_ids).order_by("pk").values_list("name", flat=True))
    by = User.objects.filter(pk=event.by_user_id).first() if event.by_user_id else None
    happened(ticket, EventKind.PASSED_ON, event.at, actor=by, people=names)


def on_page_handed_over(event: PageHandedOver) -> None:
    """Say who is woken now."""
    ticket = ticket_of(event.subject_ref)
    if ticket is not None:
        people = User.objects.in_bulk([event.by_user_id, event.to_user_id])
        names = [people[event.to_user_id].name]
        happened(ticket, EventKind.PASSED_ON, event.at, actor=people[event.by_user_id], people=names)


def on_page_resolve_asked(event: PageResolveAsked) -> None:
    """Call the emergency solved as in its war room; its page closes now, not when the engine comes by."""
    ticket = ticket_of(event.subject_ref)
    if ticket is None:
        return
    user = User.objects.get(pk=event.user_id)
    if not can(user, "reply_to_tickets"):
        raise Refused(_("Your role cannot solve tickets."))
    oncall.hold_page(subject_ref=event.subject_ref)  # a page is locked before its ticket
    resolve_ticket(ticket=ticket, user=user, now=event.at)
    oncall.close_page(subject_ref=event.subject_ref, now=event.at)


def on_page_acknowledged(event: PageAcknowledged) -> None:
    """Somebody has it: the caller is told at once, and the clock stops."""
    ticket = ticket_of(event.subject_ref)
    person = User.objects.filter(pk=event.user_id).first() if event.user_id else None
    if ticket is None or person is None:
        return
    said, said_zh = in_both(lambda: _("%(name)s has seen your call and is on it.") % {"name": person.name})
    tell_ticket(ticket=ticket, body=said, body_zh=said_zh, now=event.at)
    happened(ticket, EventKind.TAKEN, event.at, actor=person)
    mark_answered(ticket=ticket, by=person, now=event.at)


def on_message_posted(event: MessagePosted) -> None:
    """Words of ours in the war room answer the call; an engineer's end the waking, too."""
    message = event.message
    if message.side != Side.PROVIDER or message.internal:
        return
    ticket = Ticket.objects.filter(pk=event.ticket_id, emergency__isnull=False).first()
    if ticket is None:
        return
    mark_answered(ticket=ticket, by=message.author, now=event.at)
    if can_take(message.author):
        wish_for_page(ticket=ticket, wish=PageWish.ACKNOWLEDGE, by=message.author)


def on_ticket_solved(event: TicketSolved) -> None:
    """Over: nobody else is woken."""
    ticket = Ticket.objects.filter(pk=event.ticket_id, emergency__isnull=False).first()
    if ticket is not None:
        by = User.objects.filter(pk=event.user_id).first() if event.user_id else None
        wish_for_page(ticket=ticket, wish=PageWish.CLOSE, by=by)


def on_clock_breached(event: ClockBreached) -> None:
    """Five minutes without a human: everyone who manages the desk is told, besides whom the page goes on to wake."""
    if event.kind != GREEN_ANSWER:
        return
    ticket = ticket_of(event.subject_ref)
    if ticket is None:
        return
    happened(ticket, EventKind.OVERDUE, event.at)
    for person in desk_managers():
        write_to(
            person,
            kind="emergency.overdue",
            subject_ref=ticket.ref,
            url_path=f"/tickets/{ticket.ref}",
            words=lambda: (
                _("Five minutes without an answer: emergency of %(customer)s") % {"customer": ticket.customer},
                ticket.display_title,
            ),
            now=event.at,
        )
