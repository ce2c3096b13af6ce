"""Words that did not reach a group: whoever said them, and the group's expert, hear of it at once."""

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.desk.models import Group, Message
from aftercare.notify import actions as notify
from aftercare.notify.events import DeliveryFailed
from aftercare.notify.models import CONVERSATION, Delivery
from aftercare.notify.queries import in_readers_words


def on_delivery_failed(event: DeliveryFailed) -> None:
    """Push the reason to those who can say it in another way."""
    conversations = Delivery.objects.select_related("account")
    delivery = conversations.filter(pk=event.delivery_id, kind=CONVERSATION, account__isnull=False).first()
    if delivery is None or delivery.account is None:
        return
    said = Message.objects.select_related("group__expert", "author", "ticket")
    message = said.filter(ref=event.subject_ref, group__account=delivery.account).first()
    if message is None or message.group is None:
        return
    tell(message, message.group, event)


def tell(message: Message, group: Group, event: DeliveryFailed) -> None:
    """One push each, in their own language."""
    ours = {person for person in (message.author, group.expert) if person is not None and person.customer_id is None}
    for person in sorted(ours, key=lambda p: p.pk):
        with translation.override(person.language or group.language):
            title = _("Not delivered to %(group)s") % {"group": group}
            body = f"{in_readers_words(event.reason)}\n{message.body[:140]}"
        notify.push(
            user=person,
            kind="message.undelivered",
            subject_ref=message.ref,
            title=title,
            body=body,
            url_path=f"/tickets/{message.ticket.ref}" if message.ticket else "",
            data={"group": group.ref, "message": message.pk},
            now=event.at,
        )
