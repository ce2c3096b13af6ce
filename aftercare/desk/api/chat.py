"""Answering a web chat over the API: at once, where other tickets are answered by and by."""

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import messages_for
from aftercare.desk.api.door import handler
from aftercare.desk.api.schemas import MessageOut
from aftercare.desk.chat.live import tell_visitor, visitor_of
from aftercare.desk.models import ChatVisitor, Message, Side, Ticket
from aftercare.desk.uploads import uploads_named
from aftercare.kernel.clock import utc_now

router = Router(tags=["web chat"])


class ChatAnswerIn(Schema):
    """An agent's words; sent again under the same `client_id` they count once."""

    client_id: str = Field(description="8 to 40 letters, digits and hyphens, new for every message")
    body: str = ""
    seen: str = Field("", description="the last message that was read; 409 where a colleague has answered since")
    files: list[str] = Field(default_factory=list, description="refs of uploads")
    solve: bool = False


class ReadIn(Schema):
    """The visitor's last message that was read."""

    message: str


@router.post("/tickets/{ref}/chat", response={201: MessageOut}, summary="Answer a chat")
def answer(request: HttpRequest, ref: str, facts: ChatAnswerIn) -> Status[Message]:
    """Say something to the visitor; whoever answers a chat that nobody has, has it."""
    user, ticket, _visitor = chat_of(request, ref)
    key = f"chat:{user.ref}:{facts.client_id}"
    message = actions.answer_chat(
        ticket=ticket,
        author=user,
        client_id=facts.client_id,
        body=facts.body,
        seen_ref=facts.seen,
        attachments=uploads_named(user, facts.files, message_id=key),
        solves=facts.solve,
        now=utc_now(),
    )
    return Status(201, message)


@router.post("/tickets/{ref}/chat/typing", response={204: None}, summary="Say that one writes")
def typing(request: HttpRequest, ref: str) -> Status[None]:
    """The visitor sees it for a few seconds."""
    user, _ticket, visitor = chat_of(request, ref)
    tell_visitor(visitor, {"kind": "typing", "name": user.name})
    return Status(204, None)


@router.post("/tickets/{ref}/chat/reading", response={204: None}, summary="Say how far one has read")
def reading(request: HttpRequest, ref: str, facts: ReadIn) -> Status[None]:
    """The visitor sees that it was read."""
    user, ticket, visitor = chat_of(request, ref)
    said = messages_for(user, ticket).filter(side=Side.CUSTOMER, ref=facts.message)
    last = said.first()
    if last is None:
        raise Http404
    actions.read_chat(visitor=visitor, message=last, by_staff=True, now=utc_now())
    return Status(204, None)


def chat_of(request: HttpRequest, ref: str) -> tuple[User, Ticket, ChatVisitor]:
    """The chat that an agent is in. Raises Http404 for customers' people and for tickets that are no chat."""
    user, ticket = handler(request, ref)
    visitor = visitor_of(ticket)
    if visitor is None:
        raise Http404
    return user, ticket, visitor
