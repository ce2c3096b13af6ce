"""Sentences the desk says by itself, in the language that is active."""

from django.utils.translation import gettext as _

from aftercare.desk.models import EventKind, TicketEvent, Tier
from aftercare.notify.models import Channel


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
        case EventKind.CLOSED if event.actor is None:
            sentence = _("The ticket closed by itself: nobody had anything to add")
        case EventKind.CLOSED:
            sentence = _("%(name)s confirmed the solution and closed the ticket")
        case EventKind.HANDED_OVER:
            values["tier"] = Tier(event.data["tier"]).label
            sentence = _("%(name)s handed the ticket up to %(tier)s")
        case EventKind.RETURNED:
            values["tier"] = Tier(event.data["tier"]).label
            sentence = _("%(name)s brought the ticket back to %(tier)s with an answer")
        case kind if kind in GREEN:
            sentence, values = emergency_sentence(event)
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
        case EventKind.LINKED:
            sentence = _("%(name)s made the ticket part of an incident")
        case EventKind.WOKE:
            sentence = _("%(name)s woke the ticket up")
        case _:
            sentence = _("%(name)s changed the severity from %(from)s to %(to)s")
    return sentence % values


GREEN = {
    EventKind.CALLED,
    EventKind.WOKEN,
    EventKind.UNATTENDED,
    EventKind.TAKEN,
    EventKind.PASSED_ON,
    EventKind.OVERDUE,
    EventKind.DOWNGRADED,
}


def emergency_sentence(event: TicketEvent) -> tuple[str, dict[str, str]]:
    """What happened in an emergency: who called, who was woken by what, who has it; with what the sentence needs."""
    data = event.data
    values = {
        "name": event.actor.name if event.actor else str(data.get("who", "")) or _("The system"),
        "people": _(", ").join(data.get("people", [])),
        "channel": channel_name(str(data.get("channel", ""))),
        "severity": str(data.get("to", "")),
        "reason": str(data.get("reason", "")),
        "by": str(data.get("by", "")),
    }
    match event.kind:
        case EventKind.CALLED if data.get("by"):
            sentence = _("%(name)s called by phone; %(by)s raised it")
        case EventKind.CALLED if data.get("again"):
            sentence = _("%(name)s called again")
        case EventKind.CALLED:
            sentence = _("%(name)s called the green channel")
        case EventKind.WOKEN:
            sentence = _("%(people)s: reached by %(channel)s, not acknowledged yet")
        case EventKind.UNATTENDED if data.get("people"):
            sentence = _("Nobody is on call. Everyone who leads the service was told instead: %(people)s")
        case EventKind.UNATTENDED:
            sentence = _("Nobody is on call, and nobody could be told in their place")
        case EventKind.TAKEN:
            sentence = _("%(name)s has seen it and has it")
        case EventKind.PASSED_ON if event.actor:
            sentence = _("%(name)s cannot take it; being woken now: %(people)s")
        case EventKind.PASSED_ON:
            sentence = _("Being woken now: %(people)s")
        case EventKind.OVERDUE:
            sentence = _("Five minutes without an answer. Everyone who manages the desk was told")
        case _:
            sentence = _("%(name)s graded this emergency as %(severity)s: %(reason)s")
    return sentence, values


def channel_name(value: str) -> str:
    """The channel in the reader's language, or the value itself where it is none any more."""
    return str(Channel(value).label) if value in Channel.values else value
