"""What is known of a ticket, over the API: events, clocks, evidence, sessions, facts and SDK logs."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from aftercare.accounts.access import person, require
from aftercare.desk.access import get_ticket_for
from aftercare.desk.actions.asking import answer_fields, request_fields, take_facts_from
from aftercare.desk.api.door import asker, handler
from aftercare.desk.evidence import evidence_of
from aftercare.desk.finding import sessions_beside
from aftercare.desk.known import known_of
from aftercare.desk.models import Ticket, TicketEvent, TicketFact
from aftercare.desk.portal import ShownClock, shown_clocks
from aftercare.desk.words import event_sentence
from aftercare.kernel.clock import utc_now

router = Router(tags=["what is known"])
LONGEST_SEARCH = 128


class EventOut(Schema):
    """Something that happened to the ticket, between its messages."""

    at: datetime
    kind: str
    sentence: str


class SegmentOut(Schema):
    """A stretch of time that a clock counted, or did not, and why."""

    start: datetime
    end: datetime
    seconds: float
    is_counted: bool
    why: str = Field(description="open, closed, holiday, paused")


class TicketClockOut(Schema):
    """One promise: what was promised and used of it in open seconds, and which stretches make that up."""

    kind: str
    label: str
    state: str
    started_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None
    target_s: int
    spent_s: float
    left_s: float
    counts_always: bool
    reason: str = Field(description="why it stands, where it does")
    segments: list[SegmentOut]


class WorstOut(Schema):
    """One of the worst sessions that the evidence names."""

    name: str
    region: str
    network: str
    lost_s: float | None


class EvidenceOut(Schema):
    """What was measured when the ticket opened. `state` is none, pending, ready or unavailable.

    Where an alert from elsewhere opened it, it is told: `metric` is its title, `body`, `labels` and `link` the rest.
    """

    state: str
    metric: str = ""
    formula: str = ""
    source: str = ""
    reading: str = ""
    volume: str = ""
    sessions: list[WorstOut] = []
    body: str = ""
    labels: dict[str, str] = {}
    link: str = ""


class SessionOut(Schema):
    """One session as it stands beside a ticket; `lost_ms` is the time that its user lost, null where unknown."""

    session: str
    started_at: datetime
    lost_ms: float | None = None
    sdk_version: str | None = None
    device: str | None = None
    carrier: str | None = None
    network: str | None = None


class MatchOut(Schema):
    """The worst sessions of one identifier in one app."""

    app: str
    text: str
    total: int
    sessions: list[SessionOut]


class SessionsOut(Schema):
    """What stands beside a ticket: what was recognised in its words, the span that was searched, what was found."""

    start: datetime
    end: datetime
    users: list[str]
    streams: list[str]
    mentioned_sessions: list[str]
    matches: list[MatchOut]


class FactOut(Schema):
    """One fact; `session` is empty where a person told it."""

    field: str
    value: str
    session: str
    at: datetime


class FactsOut(Schema):
    """Facts that are known, fields that are not, and what the customer is asked for now."""

    facts: list[FactOut]
    unknown: list[str]
    asked: list[str]


class FactsAskedIn(Schema):
    """app_id, room, user, time, sdk_version, device, network."""

    fields: list[str]


class FactAnswersIn(Schema):
    """Answers by field; what one does not know is left out."""

    values: dict[str, str]


class TakeIn(Schema):
    """A session by its own id, in one of the customer's apps."""

    app: str
    session: str


@router.get("/tickets/{ref}/events", response=list[EventOut], summary="What happened to a ticket")
def events(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """Oldest first, in the caller's language."""
    ticket = get_ticket_for(person(request), ref)
    rows = TicketEvent.objects.filter(ticket=ticket).select_related("actor").order_by("at", "pk")
    return [{"at": row.at, "kind": row.kind, "sentence": event_sentence(row)} for row in rows]


@router.get("/tickets/{ref}/clocks", response=list[TicketClockOut], summary="A ticket's clocks")
def clocks(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """Those that go, the next due first, then how the others ended; both sides see the same."""
    return [told(clock) for clock in shown_clocks(get_ticket_for(person(request), ref), utc_now())]


@router.get("/tickets/{ref}/evidence", response=EvidenceOut, summary="What was measured")
def evidence(request: HttpRequest, ref: str) -> Any:
    """For a ticket that an alert opened."""
    return evidence_of(get_ticket_for(person(request), ref).evidence) or {"state": "none"}


@router.get("/tickets/{ref}/sessions", response=SessionsOut, summary="Sessions beside a ticket")
def sessions(request: HttpRequest, ref: str, q: str = "") -> dict[str, Any]:
    """Real sessions of the users and streams that the ticket mentions, or of the one asked for by `q`."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    require(user, "see_telemetry")
    beside = sessions_beside(user, ticket, asked=q.strip()[:LONGEST_SEARCH], now=utc_now())
    return {
        "start": beside.start,
        "end": beside.end,
        "users": list(beside.mentions.users),
        "streams": list(beside.mentions.streams),
        "mentioned_sessions": list(beside.mentions.sessions),
        "matches": [
            {"app": match.app.ref, "text": match.text, "total": match.total, "sessions": match.rows}
            for match in beside.matches
        ],
    }


@router.get("/tickets/{ref}/facts", response=FactsOut, summary="What is known of a ticket")
def facts_known(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Both sides see the same."""
    return known(get_ticket_for(person(request), ref))


@router.post("/tickets/{ref}/facts/request", response=FactsOut, summary="Ask the customer for facts")
def ask(request: HttpRequest, ref: str, facts: FactsAskedIn) -> dict[str, Any]:
    """The ticket shows them a short form, and a message says so."""
    user, ticket = handler(request, ref)
    request_fields(ticket=ticket, fields=facts.fields, actor=user, now=utc_now())
    return known(ticket)


@router.post("/tickets/{ref}/facts/answers", response=FactsOut, summary="Answer what was asked")
def answer(request: HttpRequest, ref: str, facts: FactAnswersIn) -> dict[str, Any]:
    """The customer's answers."""
    user, ticket = asker(request, ref)
    answer_fields(ticket=ticket, values=facts.values, actor=user, now=utc_now())
    return known(ticket)


@router.post("/tickets/{ref}/facts/session", response=list[FactOut], summary="Take facts from a session")
def take(request: HttpRequest, ref: str, facts: TakeIn) -> list[TicketFact]:
    """Fills what nobody has told; a person's word is never overwritten."""
    user, ticket = handler(request, ref)
    return take_facts_from(ticket=ticket, app=facts.app, session=facts.session, actor=user, now=utc_now())


def known(ticket: Ticket) -> dict[str, Any]:
    """The facts as they stand."""
    kept = known_of(ticket)
    return {
        "facts": kept.facts,
        "unknown": [field for field, _label in kept.unknown],
        "asked": [field for field, _label in kept.asked],
    }


def told(shown: ShownClock) -> dict[str, Any]:
    """A clock with its reckoning."""
    kept = ("kind", "state", "started_at", "due_at", "breached_at", "stopped_at")
    return {
        **{name: getattr(shown.clock, name) for name in kept},
        "label": shown.label,
        "target_s": shown.target_s,
        "spent_s": shown.spent_s,
        "left_s": shown.left_s,
        "counts_always": shown.counts_always,
        "reason": shown.reason,
        "segments": shown.segments,
    }
