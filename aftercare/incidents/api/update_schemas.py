"""What the API takes and tells of updates to customers."""

from datetime import datetime

from ninja import Field, Schema

from aftercare.incidents.api.schemas import HEX_32, ONCE, PersonName
from aftercare.incidents.models import Stage

STAGES = ", ".join(Stage.values)


class PublicTitlePair(Schema):
    """What the incident is called on the public status page; it names no customer."""

    title: str
    title_zh: str


class UpdateIn(Schema):
    """What every customer that the incident touches is told, each in their language."""

    stage: str = Field(description=STAGES)
    body: str = Field(description="English")
    body_zh: str = Field(description="Chinese")
    next_minutes: int | None = Field(
        None, description="Within what the next word comes; null only for the last", ge=1, le=10_080
    )
    seen: int | None = Field(None, description="The number of the last update that you know, 0 for none")
    public: PublicTitlePair | None = Field(
        None, description="Everybody reads it too, on the public status page; null: those customers alone"
    )
    token: str = Field(description=ONCE, pattern=HEX_32)


class UpdateDraftOut(Schema):
    """An update before somebody writes it better: what only a person can know stands in [square brackets]. `public` is
    the title under which the incident stands on the public status page; null where it does not.
    """

    stage: str
    body: str
    body_zh: str
    next_minutes: int | None
    seen: int
    public: PublicTitlePair | None


class UpdateOut(Schema):
    """An update, and how many of the customers have it by now."""

    ref: str
    number: int
    stage: str
    body: str
    body_zh: str
    author: PersonName
    at: datetime
    next_due_at: datetime | None
    told: int
    customers: int


class UpdateTemplateOut(Schema):
    """A text that the provider keeps for updates: {title}, {since} and {next} fill themselves."""

    ref: str
    name: str
    stage: str
    body: str
    body_zh: str


class ReadingOut(Schema):
    """Where an update would be read: a ticket (null: a new one) or a service group, and in which language."""

    customer: str
    ticket: str | None
    group: str | None
    language: str
