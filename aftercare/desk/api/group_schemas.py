"""What the API takes and tells of service groups."""

from datetime import datetime

from ninja import Field, Schema

from aftercare.desk.api.schemas import PersonOut


class GroupIn(Schema):
    """Who answers for a group, and how fast; people and the calendar by ref, empty for nobody and around the clock."""

    name: str
    name_zh: str = ""
    language: str = "zh-hans"
    expert: str = ""
    deputy: str = ""
    manager: str = ""
    calendar: str = ""
    minutes: float = Field(5, description="first reply within so many minutes of opening hours")
    enabled: bool = True


class NewGroupIn(GroupIn):
    """A chat of a vendor's that is a customer's group."""

    customer: str
    account: str
    chat_id: str


class GroupTicketIn(Schema):
    """How bad it is."""

    severity: str = "P3"


class GroupClockOut(Schema):
    """The newest first-reply clock."""

    state: str
    started_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None


class ReplyFiguresOut(Schema):
    """Reply figures in opening seconds; null where nothing was answered. Without a person: everybody's."""

    person: PersonOut | None
    asked: int
    answered: int
    median_s: float | None
    p90_s: float | None
    late: int
    waiting: int
    in_time_share: float | None


class GroupDetail(Schema):
    """A group, its running promise and its figures; `note` says what its way can and cannot do."""

    ref: str
    name: str
    name_zh: str
    channel: str
    account: str
    chat_id: str
    customer: str
    language: str
    expert: PersonOut | None
    deputy: PersonOut | None
    manager: PersonOut | None
    calendar: str | None
    enabled: bool
    hears_incidents: bool
    waiting_since: datetime | None
    reply_target_s: int
    note: str
    clock: GroupClockOut | None
    figures: ReplyFiguresOut
