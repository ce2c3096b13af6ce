"""Placing a chat that our bot was added to, or deciding that it is nobody's business of ours."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.desk.actions.groups import save_group
from aftercare.desk.models import Group, InboundState, UnknownChat
from aftercare.desk.unplaced import lock
from aftercare.kernel.errors import Refused


@transaction.atomic
def adopt_chat(
    *, chat: UnknownChat, customer: Customer, name: str = "", expert: User | None = None, actor: User, now: datetime
) -> Group:
    """Make a chat the service group of a customer; what was said in it is worked on at once.

    Raises Refused when the chat has a group by now, or the expert is not one of ours.
    """
    lock(chat.account_id)
    if Group.objects.filter(account_id=chat.account_id, chat_id=chat.chat_id).exists():
        raise Refused(_("This chat is a service group already."))
    group = Group(
        customer=customer,
        account_id=chat.account_id,
        chat_id=chat.chat_id,
        name=(name.strip() or chat.name or chat.chat_id)[:120],
        language=customer.language,
        expert=expert,
    )
    return save_group(group=group, actor=actor, now=now)


@transaction.atomic
def dismiss_chat(*, chat: UnknownChat, actor: User, now: datetime) -> None:
    """Forget a chat that is no customer's. Its bot should be taken out as well, or it comes again."""
    lock(chat.account_id)
    chat.parked.filter(state=InboundState.PARKED).update(state=InboundState.IGNORED)
    detail = {"account": chat.account_id, "chat": chat.chat_id, "name": chat.name}
    audit.record(actor=actor, action="group.dismiss", subject=chat.ref, customer_id=None, detail=detail, now=now)
    chat.delete()
