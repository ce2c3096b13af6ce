"""What the desk does by itself when its own tickets move: rows only, in the transaction of the move."""

from aftercare.accounts.events import PersonDeactivated, UserDataRequested
from aftercare.accounts.models import DataRequest, User
from aftercare.accounts.queries import user_hash
from aftercare.audit import actions as audit
from aftercare.desk.actions.assigning import customer_spoke, routing_of, ticket_settled, we_spoke
from aftercare.desk.actions.complaints import erase_complaints
from aftercare.desk.actions.presence import set_presence, wake_routing
from aftercare.desk.actions.tiers import end_hand_overs
from aftercare.desk.events import MessagePosted, TicketOpened, TicketSolved
from aftercare.desk.models import UNSETTLED, Assignment, Fact, LogRequest, Side, Ticket, TicketFact
from aftercare.desk.presence import OFF


def follow_opening(event: TicketOpened) -> None:
    """A new ticket waits for somebody."""
    routing_of(Ticket.objects.get(pk=event.ticket_id), now=event.at)
    wake_routing()


def follow_message(event: MessagePosted) -> None:
    """The customer's words ask for an answer; ours are one."""
    message = event.message
    if message.ticket is None or message.internal:
        return
    if message.side == Side.CUSTOMER and message.ticket.status in UNSETTLED:
        customer_spoke(message.ticket, now=event.at)
    elif message.side == Side.PROVIDER:
        we_spoke(message.ticket)


def follow_solution(event: TicketSolved) -> None:
    """Whoever had it is free; what was owed inside is not owed any more."""
    ticket = Ticket.objects.get(pk=event.ticket_id)
    end_hand_overs(ticket, event.at)
    ticket_settled(ticket, now=event.at)


def follow_leaving(event: PersonDeactivated) -> None:
    """Somebody has left: they are off, and what they have goes back to the queue."""
    user = User.objects.get(pk=event.user_id)
    if user.is_provider:
        set_presence(user=user, state=OFF, now=event.at)
        Assignment.objects.filter(user=user, ended_at__isnull=True).update(give_back_at=event.at)
        wake_routing()


def follow_erasure(event: UserDataRequested) -> None:
    """Everything about an end user is to go: who complained and what they said, whose log was asked for, what tickets'
    fields say of them. Done at once, in the transaction of the request; counts stay.
    """
    request = DataRequest.objects.select_related("customer").get(pk=event.request_id)
    if request.kind != DataRequest.Kind.ERASE:
        return
    customer, hashed = request.customer, request.identifier_hex
    complaints = erase_complaints(customer_id=customer.pk, user=hashed, now=event.at)
    logs = LogRequest.objects.filter(ticket__customer=customer, user_hash=hashed).exclude(user_told="")
    facts = TicketFact.objects.filter(ticket__customer=customer, field=Fact.USER)
    told = [fact.pk for fact in facts if user_hash(customer, fact.value).hex() == hashed]
    detail = {"complaints": complaints, "logs": logs.update(user_told=""), "fields": len(told)}
    TicketFact.objects.filter(pk__in=told).delete()
    audit.record(
        actor=request.requested_by,
        action="complaint.erase",
        subject=request.ref,
        customer_id=customer.pk,
        detail=detail,
        now=event.at,
    )
