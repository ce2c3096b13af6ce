"""Who may see which ticket: the provider all of them, a customer's people their own."""

from django.db.models import QuerySet
from django.http import Http404

from aftercare.accounts.models import User
from aftercare.desk.models import Message, Ticket


def tickets_for(user: User) -> QuerySet[Ticket]:
    """Every ticket `user` may see."""
    tickets = Ticket.objects.select_related("customer", "app", "assignee", "opened_by")
    return tickets if user.customer_id is None else tickets.filter(customer_id=user.customer_id)


def get_ticket_for(user: User, ref: str) -> Ticket:
    """The ticket. Raises Http404 for a stranger, as if it were not there."""
    ticket = tickets_for(user).filter(ref=ref).first()
    if ticket is None:
        raise Http404
    return ticket


def messages_for(user: User, ticket: Ticket) -> QuerySet[Message]:
    """What `user` may read in `ticket`, oldest first: internal notes are the provider's."""
    messages = ticket.messages.select_related("author", "contact").prefetch_related("attachments")
    messages = messages.order_by("created_at", "pk")
    return messages if user.customer_id is None else messages.filter(internal=False)
