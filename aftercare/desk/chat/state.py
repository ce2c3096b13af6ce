"""What a visitor may count on now: whether somebody is there, how long it takes, until when we answer at the latest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.clocks.queries import clocks_going, due_at, hours_of_calendar, is_open, open_seconds
from aftercare.clocks.types import Hours
from aftercare.desk.models import ChatVisitor, ChatWidget, Status, Ticket, Way
from aftercare.desk.presence import who_is_on

CHAT_REPLY = "chat_reply"
# Waits are told from the first answers of the last hours; fewer than this many say nothing.
RECENT = timedelta(hours=4)
FEWEST = 5
MOST = 50
SHARE = 0.8  # of the recent chats were answered within what we say


@dataclass(frozen=True)
class ChatState:
    """`mode`: "on" (somebody is there), "nobody" (open, nobody is), "closed". `wait_s` None is unknown.

    `position` counts from 1 while the visitor waits for a first answer; `agent` is who has the chat.
    """

    mode: str
    position: int | None
    wait_s: int | None
    answer_by: datetime
    agent: str
    is_solved: bool


def hours_of_widget(widget: ChatWidget, now: datetime) -> Hours:
    """When answers are promised."""
    return hours_of_calendar(widget.calendar, around=now.date())


def state_of(widget: ChatWidget, visitor: ChatVisitor | None, *, now: datetime) -> ChatState:
    """What holds for this visitor now; for one who has not written yet, what would."""
    hours = hours_of_widget(widget, now)
    ticket = visitor.ticket if visitor else None
    mode = "closed" if not is_open(hours, now) else "on" if who_is_on(now).exists() else "nobody"
    waiting = ticket if ticket and is_waiting(ticket) else None
    promised = clocks_going([ticket.ref]).filter(kind=CHAT_REPLY).first() if ticket else None
    return ChatState(
        mode=mode,
        position=position_of(waiting) if waiting else None,
        wait_s=expected_wait_s(hours, now) if mode == "on" else None,
        answer_by=(promised.due_at if promised else None) or due_at(hours, now, widget.reply_within_s),
        agent=ticket.assignee.name if ticket and ticket.assignee and ticket.status != Status.CLOSED else "",
        is_solved=bool(ticket and ticket.status in (Status.SOLVED, Status.CLOSED)),
    )


def is_waiting(ticket: Ticket) -> bool:
    """Whether the chat has no first answer yet and nobody has taken it."""
    return (
        ticket.waiting_since is not None
        and ticket.first_response_at is None
        and ticket.assignee_id is None
        and ticket.status == Status.OPEN
    )


def position_of(ticket: Ticket) -> int:
    """How many chats are answered before this one goes out of the queue, itself included."""
    queue = Ticket.objects.filter(
        way=Way.CHAT,
        waiting_since__isnull=False,
        first_response_at__isnull=True,
        assignee__isnull=True,
        status=Status.OPEN,
    )
    return queue.filter(waiting_since__lt=ticket.waiting_since).count() + 1


def expected_wait_s(hours: Hours, now: datetime) -> int | None:
    """Within how many seconds most recent chats got their first answer; None where too few did to say.

    Waits count in open hours. Chats that still wait longer than that push it up: the answer would not be honest else.
    """
    chats = Ticket.objects.filter(way=Way.CHAT)
    answered = chats.filter(first_response_at__gt=now - RECENT, first_response_at__lte=now)
    spans = answered.order_by("-first_response_at").values_list("created_at", "first_response_at")[:MOST]
    waits = sorted(open_seconds(hours, asked, answer) for asked, answer in spans if answer is not None)
    if len(waits) < FEWEST:
        return None
    typical = waits[ceil(len(waits) * SHARE) - 1]
    oldest = chats.filter(
        waiting_since__isnull=False, first_response_at__isnull=True, assignee__isnull=True, status=Status.OPEN
    ).order_by("waiting_since")
    since = oldest.values_list("waiting_since", flat=True).first()
    return ceil(max(typical, open_seconds(hours, since, now) if since else 0))


def told(state: ChatState) -> str:
    """The state in one sentence, in the language that is active; `{at}` stands for `answer_by` in the reader's zone."""
    if state.is_solved:
        return _("This question is marked solved. Write again if it is not.")
    if state.agent:
        return _("%(name)s is with you.") % {"name": state.agent}
    if state.mode != "on":
        return _("Nobody is on now. Write to us: we will answer by {at}.")
    wait = _("How long it takes is unknown: too few chats were answered lately.")
    if state.wait_s is not None:
        minutes = max(ceil(state.wait_s / 60), 1)
        wait = ngettext(
            "Most answers come within %(n)s minute now.", "Most answers come within %(n)s minutes now.", minutes
        ) % {"n": minutes}
    if state.position is None:
        return wait
    return _("You are number %(n)s in the queue.") % {"n": state.position} + " " + wait
