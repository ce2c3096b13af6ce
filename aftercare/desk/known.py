"""What is known of a ticket and what is still asked for, as its page shows it to both sides."""

from dataclasses import dataclass

from aftercare.desk.actions.logs import STEPS
from aftercare.desk.models import Attachment, Fact, FieldRequest, LogRequest, LogState, Ticket, TicketFact


@dataclass(frozen=True)
class LogLine:
    """One log request with the steps that may follow."""

    request: LogRequest
    steps: list[tuple[str, str]]


@dataclass(frozen=True)
class Known:
    """Facts by field in their order; fields that are unknown; what the customer is asked for now; logs."""

    facts: list[TicketFact]
    unknown: list[tuple[str, str]]
    asked: list[tuple[str, str]]
    request: FieldRequest | None
    logs: list[LogLine]
    files: list[Attachment]


def known_of(ticket: Ticket) -> Known:
    """Everything that the fields and logs say of this ticket."""
    facts = {fact.field: fact for fact in TicketFact.objects.filter(ticket=ticket).select_related("told_by")}
    request = FieldRequest.objects.filter(ticket=ticket, answered_at__isnull=True).first()
    logs = list(LogRequest.objects.filter(ticket=ticket).select_related("file", "asked_by"))
    files = Attachment.objects.filter(message__ticket=ticket, message__internal=False, refused="") if logs else []
    return Known(
        facts=[facts[field] for field in Fact.values if field in facts],
        unknown=[(field.value, str(field.label)) for field in Fact if field not in facts],
        asked=[(field.value, str(field.label)) for field in Fact if request and field in request.fields],
        request=request,
        logs=[LogLine(log, [(s.value, str(s.label)) for s in STEPS.get(LogState(log.state), ())]) for log in logs],
        files=list(files),
    )
