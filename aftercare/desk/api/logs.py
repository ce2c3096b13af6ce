"""Requests for end users' SDK logs over the API."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import person
from aftercare.desk.access import get_ticket_for
from aftercare.desk.actions.logs import move_log, request_log
from aftercare.desk.api.door import handler, replier
from aftercare.desk.models import Attachment, LogRequest
from aftercare.kernel.clock import utc_now

router = Router(tags=["what is known"])


class LogOut(Schema):
    """A request for one end user's SDK log, from asking to what was found in it."""

    ref: str
    user: str = Field(description="as people read it; empty once the user is erased")
    state: str = Field(description="asked, sent, uploaded, analysed, refused, expired")
    note: str
    file: str | None
    asked_at: datetime
    expires_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_user(log: LogRequest) -> str:
        """The identifier as it was told."""
        return log.user_told

    @staticmethod
    def resolve_file(log: LogRequest) -> str | None:
        """The ref of the file."""
        return log.file.ref if log.file else None


class LogIn(Schema):
    """The user's identifier as the app sends it."""

    identifier: str


class StepIn(Schema):
    """The step: sent, uploaded (with a file of a message of this ticket), refused, analysed (the provider's)."""

    state: str
    note: str = ""
    file: str = ""


@router.get("/tickets/{ref}/logs", response=list[LogOut], summary="SDK logs that were asked for")
def list_logs(request: HttpRequest, ref: str) -> list[LogRequest]:
    """Newest first; both sides see the same."""
    ticket = get_ticket_for(person(request), ref)
    return list(LogRequest.objects.filter(ticket=ticket).select_related("file"))


@router.post("/tickets/{ref}/logs", response={201: LogOut}, summary="Ask for a user's SDK log")
def ask(request: HttpRequest, ref: str, facts: LogIn) -> Status[LogRequest]:
    """A message in the ticket says so; it is over in 72 hours."""
    user, ticket = handler(request, ref)
    return Status(201, request_log(ticket=ticket, identifier=facts.identifier, actor=user, now=utc_now()))


@router.post("/tickets/{ref}/logs/{log}", response=LogOut, summary="Take a log request one step on")
def step(request: HttpRequest, ref: str, log: str, facts: StepIn) -> LogRequest:
    """By the customer, or by whoever reads the log."""
    user, ticket = replier(request, ref)
    asked = LogRequest.objects.filter(ticket=ticket, ref=log).first()
    if asked is None:
        raise Http404
    files = Attachment.objects.filter(message__ticket=ticket, message__internal=False, refused="")
    file = files.filter(ref=facts.file).first() if facts.file else None
    return move_log(request=asked, state=facts.state, note=facts.note, file=file, actor=user, now=utc_now())
