"""What the API of incidents takes and tells."""

from datetime import datetime

from ninja import Field, Schema

from aftercare.incidents.models import Role, Severity
from aftercare.web.api import Page

HEX_32 = "^[0-9a-f]{32}$"
ONCE = "32 hex digits of your own: sent twice it is once"


class PersonName(Schema):
    """A colleague."""

    ref: str
    name: str


class TouchedCustomerOut(Schema):
    """A customer that it touches, and the ticket in which they are told."""

    customer: str
    name: str
    ticket: str | None
    number: int | None


class RoleOut(Schema):
    """Who answers for what, from when until when (null: now)."""

    role: str
    person: PersonName
    from_at: datetime
    until_at: datetime | None


class TaskOut(Schema):
    """Something to be done; nobody's is whoever is free's."""

    id: int
    title: str
    owner: PersonName | None
    added_at: datetime
    done_at: datetime | None


class IncidentRow(Schema):
    """An incident; a customer reads the title of their own ticket where its own is not theirs."""

    ref: str
    title: str
    title_zh: str
    place: str
    severity: str = Field(description=", ".join(Severity.values))
    status: str = Field(description="open (nobody has it), acknowledged or resolved")
    opened_at: datetime
    mitigated_at: datetime | None
    resolved_at: datetime | None
    customers: list[str]


class IncidentOut(Schema):
    """One whole. What is the provider's own business is null or empty for a customer."""

    ref: str
    title: str
    title_zh: str
    place: str
    severity: str
    status: str
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: PersonName | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    touched: list[TouchedCustomerOut]
    alerts: list[str]
    roles: list[RoleOut]
    tasks: list[TaskOut]
    next_word_due_at: datetime | None = Field(description="When customers were promised to hear the next word")
    merged_into: str | None = Field(description="The incident as part of which it goes on")


class IncidentsPage(Page):
    """A page of incidents, newest first."""

    incidents: list[IncidentRow]


class AnnotationOut(Schema):
    """What a colleague wrote under a line; `number` is how often it was written."""

    id: int
    author: PersonName
    at: datetime
    text: str
    number: int


class EntryOut(Schema):
    """One line of the story; `text` is what somebody wrote, `told_at` when, where that was later than it happened.
    For a customer `id` is null, and nothing is annotated.
    """

    id: int | None
    at: datetime
    told_at: datetime | None
    kind: str
    sentence: str
    text: str
    annotations: list[AnnotationOut]


class TimelinePage(Page):
    """A page of the story, newest first."""

    entries: list[EntryOut]


class IncidentIn(Schema):
    """What no monitor saw, or what several tickets say together."""

    title: str = ""
    title_zh: str = ""
    severity: str = Field(description=", ".join(Severity.values))
    customers: list[str] = Field([], description="Customers' refs")
    tickets: list[str] = Field([], description="Tickets' refs; their customers are touched, too")
    wakes: bool = Field(False, description="Call whoever is on duty; else you have it")
    token: str = Field(description=ONCE, pattern=HEX_32)


class SeenFacts(Schema):
    """What it said when you looked."""

    title: str
    title_zh: str
    severity: str


class CorrectionIn(Schema):
    """Title and severity; with `seen` nothing is overwritten that somebody changed since."""

    title: str
    title_zh: str = ""
    severity: str
    reason: str = Field("", description="Needed where the severity changes")
    wakes: bool = Field(True, description="Raised to red: call whoever is on duty")
    seen: SeenFacts | None = None


class NoteIn(Schema):
    """Words for colleagues."""

    text: str
    happened_at: datetime | None = Field(None, description="With an offset; null: now")
    token: str | None = Field(None, description=ONCE, pattern=HEX_32)


class EndIn(Schema):
    """`anyway`: although an alert of it is still open; it opens again where that lasts."""

    anyway: bool = False


class ReopeningIn(Schema):
    """Why it is not over; colleagues read it."""

    reason: str
    wakes: bool = Field(False, description="Call whoever is on duty; else you have it")


class RoleIn(Schema):
    """Who answers for it; null: nobody. `seen` is whom you saw in it, empty for nobody."""

    person: str | None = Field(None, description=f"A colleague's ref; roles are {', '.join(Role.values)}")
    seen: str | None = None


class TaskIn(Schema):
    """What is to be done, and by whom."""

    title: str
    owner: str | None = Field(None, description="A colleague's ref; null: whoever is free")


class NewTaskIn(TaskIn):
    """A task to add."""

    token: str | None = Field(None, description=ONCE, pattern=HEX_32)


class SeenTask(Schema):
    """What the task said when you looked."""

    title: str
    owner: str | None = None


class TaskChangeIn(TaskIn):
    """The task as it should be; with `seen` nothing is overwritten that somebody changed since."""

    seen: SeenTask | None = None


class CustomerIn(Schema):
    """A customer's ref."""

    customer: str


class TicketRefIn(Schema):
    """A ticket's ref."""

    ticket: str


class MergingIn(Schema):
    """The incident that turned out to be the same trouble, and stays."""

    into: str
