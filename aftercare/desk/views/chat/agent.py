"""What an agent's console says in a chat, beside what it does to every ticket."""

from typing import BinaryIO, cast

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for
from aftercare.desk.chat.live import tell_visitor, visitor_of
from aftercare.desk.files import keep_file
from aftercare.desk.models import ChatVisitor, Side, Ticket
from aftercare.desk.views.chat.door import refusal
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


def chat_of(request: HttpRequest, ref: str) -> tuple[User, Ticket, ChatVisitor]:
    """The chat that an agent is in. Raises Http404 for customers' people and for tickets that are no chat."""
    user = person(request)
    ticket = get_ticket_for(user, ref, beside=["contact__chat_visitor"])
    require(user, "reply_to_tickets")
    visitor = visitor_of(ticket)
    if visitor is None or not user.is_provider:
        raise Http404
    return user, ticket, visitor


@login_required
@require_POST
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """Say something; sent again under its id it counts once. 409 with a sentence where it is refused."""
    user, ticket, _visitor = chat_of(request, ref)
    now = utc_now()
    try:
        with transaction.atomic():
            sent = [file for file in request.FILES.getlist("files") if file.file is not None]
            kept = [
                keep_file(
                    name=file.name or "", stream=cast("BinaryIO", file.file), uploaded_by=user, contact=None, now=now
                )
                for file in sent
                if file.file is not None
            ]
            refused = next((file.why_refused for file in kept if file.refused), "")
            if refused:
                raise Refused(refused)
            said = actions.answer_chat(
                ticket=ticket,
                author=user,
                client_id=request.POST.get("client_id", ""),
                body=request.POST.get("body", ""),
                seen_ref=request.POST.get("seen", "")[:16],
                attachments=kept,
                solves=request.POST.get("then") == "solve",
                now=now,
            )
    except Refused as why:
        return refusal(409, why.sentence)
    return JsonResponse({"ref": said.ref}, status=201)


@login_required
@require_POST
def typing(request: HttpRequest, ref: str) -> HttpResponse:
    """The agent is writing to the visitor."""
    user, _ticket, visitor = chat_of(request, ref)
    tell_visitor(visitor, {"kind": "typing", "name": user.name})
    return HttpResponse(status=204)


@login_required
@require_POST
def reading(request: HttpRequest, ref: str) -> HttpResponse:
    """The agent has the visitor's last words before their eyes."""
    _user, ticket, visitor = chat_of(request, ref)
    last = ticket.messages.filter(side=Side.CUSTOMER, ref=request.POST.get("ref", "")[:16]).first()
    if last is not None:
        actions.read_chat(visitor=visitor, message=last, by_staff=True, now=utc_now())
    return HttpResponse(status=204)
