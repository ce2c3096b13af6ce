"""Sentences the desk says by itself, in the language that is active."""

from django.utils.translation import gettext as _

from aftercare.desk.models import EventKind, TicketEvent, Tier


def event_sentence(event: TicketEvent) -> str:
    """What happened, told in one line: "Li Wei claimed the ticket"."""
    values = {"name": event.actor.name if event.actor else _("The system"), **event.data}
    match event.kind:
        case EventKind.CLAIMED:
            sentence = _("%(name)s claimed the ticket")
        case EventKind.ASSIGNED if event.data.get("to"):
            sentence = _("%(name)s handed the ticket to %(to)s")
        case EventKind.ASSIGNED:
            sentence = _("%(name)s gave the ticket back to the queue")
        case EventKind.SOLVED:
            sentence = _("%(name)s marked the ticket solved")
        case EventKind.REOPENED:
            sentence = _("%(name)s opened the ticket again")
        case EventKind.CLOSED:
            sentence = _("%(name)s confirmed the solution and closed the ticket")
        case EventKind.HANDED_OVER:
            values["tier"] = Tier(event.data["tier"]).label
            sentence = _("%(name)s handed the ticket up to %(tier)s")
        case EventKind.RETURNED:
            values["tier"] = Tier(event.data["tier"]).label
            sentence = _("%(name)s brought the ticket back to %(tier)s with an answer")
        case _:
            sentence = _("%(name)s changed the severity from %(from)s to %(to)s")
    return sentence % values
