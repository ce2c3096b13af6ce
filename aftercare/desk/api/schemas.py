"""What the desk's API takes and tells."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ninja import Field, Schema

from aftercare.accounts.models import User
from aftercare.desk.actions import Outcome
from aftercare.desk.models import Group, Message, Ticket
from aftercare.web.api import Page


class PersonOut(Schema):
    """Somebody who speaks or acts; `ref` is null for people who do not sign in."""

    ref: str | None
    name: str

    @staticmethod
    def of(user: User | None) -> dict[str, str] | None:
        """A person in a free-form answer; None for nobody."""
        return {"ref": user.ref, "name": user.name} if user else None


class OutcomeOut(Schema):
    """What became of one ticket of many; `why_not` is empty where it was done."""

    ticket: str
    why_not: str


class Outcomes(Schema):
    """What became of each."""

    done: int
    outcomes: list[OutcomeOut]

    @staticmethod
    def of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """Counted and told."""
        told = [{"ticket": one.ticket.ref, "why_not": one.why_not} for one in outcomes]
        return {"done": sum(not one.why_not for one in outcomes), "outcomes": told}


class TicketOut(Schema):
    """A ticket without its messages. `version` changes with every change: send it back to act on what you have read."""

    ref: str
    number: int
    title: str
    title_zh: str
    severity: str = Field(description="P1 (service down) to P4 (question)")
    status: str = Field(description="open, waiting_customer, solved, closed")
    way: str = Field(description="how it began: portal, api, chat, email, group, green, phone, system")
    customer: str
    app: str | None
    assignee: PersonOut | None
    incident: str | None
    kind: str = Field(description="what kind of problem; empty where nobody said")
    fields: dict[str, str] = Field(description="the facts told with it, by name")
    merged_into: str | None = Field(description="the ticket that it was merged into")
    follows: str | None = Field(description="the earlier ticket whose problem came back as this one")
    version: int
    created_at: datetime
    updated_at: datetime
    first_response_at: datetime | None
    waiting_since: datetime | None
    solved_at: datetime | None

    @staticmethod
    def resolve_merged_into(ticket: Ticket) -> str | None:
        """The other ticket's ref; it is the same customer's."""
        return ticket.merged_into.ref if ticket.merged_into else None

    @staticmethod
    def resolve_follows(ticket: Ticket) -> str | None:
        """The earlier ticket's ref; it is the same customer's."""
        return ticket.follows.ref if ticket.follows else None

    @staticmethod
    def resolve_customer(ticket: Ticket) -> str:
        """The customer's ref."""
        return ticket.customer.ref

    @staticmethod
    def resolve_app(ticket: Ticket) -> str | None:
        """The app's ref."""
        return ticket.app.ref if ticket.app else None

    @staticmethod
    def resolve_incident(ticket: Ticket) -> str | None:
        """The incident's ref."""
        return ticket.incident_ref or None


class TicketPage(Page):
    """Tickets, newest first."""

    tickets: list[TicketOut]


class TicketIn(Schema):
    """A new ticket. The customer is the caller's own; the provider's people name one."""

    title: str
    body: str
    severity: str = "P3"
    app: str | None = None
    customer: str | None = Field(None, description="only for the provider's people")
    kind: str = Field("", description="no_play, stutter, black, no_push, no_call, audio, delay, sdk, billing, other")
    answers: dict[str, str] = Field(
        default_factory=dict,
        description="stream, user, at, sdk, device, network, address, error, scale, steps, bill: what is known",
    )
    files: list[str] = Field(default_factory=list, description="refs of uploads")


class MessageOut(Schema):
    """Something said."""

    ref: str
    side: str = Field(description="provider, customer or system")
    way: str
    speaker: str
    body: str
    body_zh: str
    internal: bool
    created_at: datetime
    ticket: str | None
    attachments: list[str]
    changed: str | None = Field(description="edited or taken_back, where the words are not the first ones")

    @staticmethod
    def resolve_changed(message: Message) -> str | None:
        """The last change of its words; what they were before is on the provider's pages alone."""
        return max(((change.at, change.pk, change.kind) for change in message.changes.all()), default=(0, 0, None))[2]

    @staticmethod
    def resolve_speaker(message: Message) -> str:
        """Who speaks; empty for Aftercare itself."""
        return message.speaker_name

    @staticmethod
    def resolve_ticket(message: Message) -> str | None:
        """The ref of its ticket."""
        return message.ticket.ref if message.ticket else None

    @staticmethod
    def resolve_attachments(message: Message) -> list[str]:
        """Refs of its files."""
        return [file.ref for file in message.attachments.all()]


class MessagePage(Page):
    """Messages, newest first."""

    messages: list[MessageOut]


class MessageIn(Schema):
    """A reply; or, from the provider, an internal note."""

    body: str = ""
    internal: bool = False
    version: int | None = Field(None, description="refused when somebody changed the ticket since this version")
    files: list[str] = Field(default_factory=list, description="refs of uploads")
    then: str = Field("", description="solve, or work: we go on and the promises run on; the provider's")
    macro: str = Field("", description="the macro whose words these are; what it does is done too")


class AssignmentIn(Schema):
    """Whom the ticket goes to; null puts it back into the queue."""

    assignee: str | None
    version: int


class SeverityIn(Schema):
    """A new grade."""

    severity: str
    version: int | None = None


class VersionIn(Schema):
    """The version that the caller has read."""

    version: int | None = None


class GroupOut(Schema):
    """A service group."""

    ref: str
    name: str
    name_zh: str
    channel: str
    customer: str
    waiting_since: datetime | None
    reply_target_s: int

    @staticmethod
    def resolve_channel(group: Group) -> str:
        """The vendor."""
        return group.account.channel

    @staticmethod
    def resolve_customer(group: Group) -> str:
        """The customer's ref."""
        return group.customer.ref


class GroupMessageIn(Schema):
    """Words to say in the group."""

    body: str
