"""Sentences the desk says by itself, in the language that is active."""

from django.utils.translation import gettext as _

from aftercare.desk.models import EventKind, TicketEvent


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
        case EventKind.MERGED if "into" in event.data:
            sentence = _("%(name)s merged this ticket into #%(into)s")
        case EventKind.MERGED:
            sentence = _("%(name)s merged #%(from)s into this ticket")
        case EventKind.MERGE_UNDONE:
            sentence = _("%(name)s undid the merge with #%(other)s")
        case EventKind.SPLIT if "to" in event.data:
            sentence = _("%(name)s split messages off into #%(to)s")
        case EventKind.SPLIT:
            sentence = _("%(name)s split this ticket off #%(from)s")
        case EventKind.SPLIT_UNDONE:
            sentence = _("%(name)s undid the split with #%(other)s")
        case EventKind.SNOOZED:
            sentence = _("%(name)s let the ticket sleep")
        case EventKind.WOKE:
            sentence = _("%(name)s woke the ticket up")
        case _:
            sentence = _("%(name)s changed the severity from %(from)s to %(to)s")
    return sentence % values
