"""What a visitor may read: their own chats, public words only."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from aftercare.desk.models import Attachment, ChatVisitor, Message, Side, Way

AT_ONCE = 200


def messages_of(visitor: ChatVisitor) -> QuerySet[Message]:
    """All public words of this visitor's chats in the order of their keeping: a ticket's rows are kept one by one."""
    said = Message.objects.filter(ticket__contact_id=visitor.contact_id, ticket__way=Way.CHAT, internal=False)
    return said.select_related("author", "contact").prefetch_related("attachments").order_by("pk")


def messages_after(visitor: ChatVisitor, ref: str) -> list[Message]:
    """What came after the message with this ref, at most AT_ONCE; of an unknown one (and none), the newest."""
    last = messages_of(visitor).filter(ref=ref).values_list("pk", flat=True).first() if ref else None
    if last is not None:
        return list(messages_of(visitor).filter(pk__gt=last)[:AT_ONCE])
    return list(reversed(messages_of(visitor).order_by("-pk")[:AT_ONCE]))


def message_of(visitor: ChatVisitor, ref: str) -> Message:
    """One of them. Raises Http404 where it is not this visitor's to read."""
    found = messages_of(visitor).filter(ref=ref).select_related("ticket").first()
    if found is None:
        raise Http404
    return found


def file_of(visitor: ChatVisitor, ref: str) -> Attachment:
    """A file of this visitor's chats, or one that they have just sent up. Raises Http404 for any other."""
    found = Attachment.objects.filter(ref=ref).select_related("message__ticket").first()
    if found is None or found.refused:
        raise Http404
    if found.message is None:
        if found.contact_id == visitor.contact_id:
            return found
        raise Http404
    message_of(visitor, found.message.ref)
    return found


def as_json(visitor: ChatVisitor, message: Message) -> dict[str, Any]:
    """A message as the window shows it; `client_id` tells a window its own words again."""
    prefix = f"chat:{visitor.ref}:"
    key = message.provider_message_id or ""
    return {
        "ref": message.ref,
        "at": message.created_at.isoformat(timespec="microseconds"),
        "side": message.side,
        "name": message.speaker_name if message.side != Side.SYSTEM else "",
        "body": message.display_body,
        "files": [
            {"ref": file.ref, "name": file.name, "size": file.size, "refused": file.why_refused}
            for file in message.attachments.all()
        ],
        "client_id": key.removeprefix(prefix) if key.startswith(prefix) else "",
    }
