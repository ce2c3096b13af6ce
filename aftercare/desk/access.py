"""Who may see which ticket: the provider all of them, a customer's people their own."""

from django.db.models import QuerySet
from django.http import Http404

from aftercare.accounts.models import User
from aftercare.desk.models import Emergency, Group, Message, Ticket


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
    messages = ticket.messages.select_related("author").order_by("created_at", "pk")
    return messages if user.customer_id is None else messages.filter(internal=False)


def groups_for(user: User) -> QuerySet[Group]:
    """Every service group `user` may see: the provider all of them, a customer's people their own."""
    groups = Group.objects.select_related("customer", "account", "expert", "deputy", "manager", "calendar")
    return groups if user.customer_id is None else groups.filter(customer_id=user.customer_id)


def get_group_for(user: User, ref: str) -> Group:
    """The service group. Raises Http404 for a stranger, as if it were not there."""
    group = groups_for(user).filter(ref=ref).first()
    if group is None:
        raise Http404
    return group


def emergencies_for(user: User) -> QuerySet[Emergency]:
    """Every emergency `user` may see."""
    emergencies = Emergency.objects.select_related("ticket__customer")
    return emergencies if user.customer_id is None else emergencies.filter(customer_id=user.customer_id)


def has_groups(user: User) -> bool:
    """Whether there is anything behind the groups' door: for the provider always, for customers once they have one."""
    return user.customer_id is None or Group.objects.filter(customer_id=user.customer_id).exists()
