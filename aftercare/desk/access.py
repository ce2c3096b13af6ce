"""Who may see which ticket: the provider all of them, a customer's people their own."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.http import Http404

from aftercare.accounts.models import User
from aftercare.desk.models import Attachment, CallBack, Emergency, Group, Message, Ticket, UnknownChat

BESIDE = ("customer", "app", "assignee", "opened_by")


def tickets_for(user: User, *, beside: Sequence[str] = BESIDE) -> QuerySet[Ticket]:
    """Every ticket `user` may see, with what is read beside it."""
    tickets = Ticket.objects.select_related(*beside)
    return tickets if user.customer_id is None else tickets.filter(customer_id=user.customer_id)


def get_ticket_for(user: User, ref: str, *, beside: Sequence[str] = BESIDE) -> Ticket:
    """The ticket. Raises Http404 for a stranger, as if it were not there."""
    ticket = tickets_for(user, beside=beside).filter(ref=ref).first()
    if ticket is None:
        raise Http404
    return ticket


def messages_for(user: User, ticket: Ticket) -> QuerySet[Message]:
    """What `user` may read in `ticket`, oldest first: internal notes are the provider's."""
    messages = ticket.messages.select_related("author", "contact", "prepared").order_by("created_at", "pk")
    messages = messages.prefetch_related("attachments", "changes")
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


def get_file_for(user: User, ref: str) -> Attachment:
    """A kept file. Raises Http404 unless `user` may read its message, or has uploaded it and not sent it yet."""
    file = Attachment.objects.select_related("message__ticket", "message__group").filter(ref=ref, refused="").first()
    if file is None or not may_read(user, file):
        raise Http404
    return file


def may_read(user: User, file: Attachment) -> bool:
    """Whether the file's message is one of those that `user` may read; unsent ones are their sender's alone."""
    message = file.message
    if message is None:
        return file.uploaded_by_id == user.pk
    if user.customer_id is None:
        return True
    return not message.internal and message.ticket is not None and message.ticket.customer_id == user.customer_id


def unsent_files_of(user: User, refs: Iterable[str]) -> QuerySet[Attachment]:
    """Those of `refs` that `user` uploaded and has not sent."""
    return Attachment.objects.filter(uploaded_by=user, message=None, ref__in=[ref[:16] for ref in refs])


def get_call_for(user: User, ref: str) -> CallBack:
    """A call-back, which only the provider knows of. Raises Http404 for everybody else."""
    calls = CallBack.objects.select_related("ticket__customer", "owner")
    call = calls.filter(ref=ref).first() if user.customer_id is None else None
    if call is None:
        raise Http404
    return call


def emergencies_for(user: User) -> QuerySet[Emergency]:
    """Every emergency `user` may see."""
    emergencies = Emergency.objects.select_related("ticket__customer")
    return emergencies if user.customer_id is None else emergencies.filter(customer_id=user.customer_id)


def has_groups(user: User) -> bool:
    """Whether there is anything behind the groups' door: for the provider always, for customers once they have one."""
    return user.customer_id is None or Group.objects.filter(customer_id=user.customer_id).exists()


def unknown_chats_for(user: User) -> QuerySet[UnknownChat]:
    """Chats that nobody has placed, the newest first: the provider's people alone see them."""
    chats = UnknownChat.objects.select_related("account")
    return chats if user.customer_id is None else chats.none()


def get_unknown_chat_for(user: User, ref: str) -> UnknownChat:
    """A chat that nobody has placed. Raises Http404 for customers' people, and for one that was placed meanwhile."""
    chat = unknown_chats_for(user).filter(ref=ref).first()
    if chat is None:
        raise Http404
    return chat
