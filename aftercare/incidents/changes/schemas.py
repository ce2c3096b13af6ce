"""What the API of planned changes takes and tells."""

from datetime import datetime

from ninja import Field, Schema

from aftercare.web.api import Page


class PlannedChangeIn(Schema):
    """A change, cut-over or maintenance; times without an offset are on the wall clock of `timezone`."""

    kind: str = Field(description="change, cutover or maintenance")
    title: str = ""
    title_zh: str = ""
    plan: str = Field(description="What will be done; customers do not read it")
    feel: str = Field("", description="What users may feel, in English")
    feel_zh: str = ""
    risk: str = Field(description="low, medium or high")
    rollback: str = Field("", description="Needed for a medium or high risk")
    executor: str | None = Field(None, description="A colleague's ref")
    timezone: str = "Asia/Shanghai"
    starts_at: datetime
    ends_at: datetime
    resources: list[str] = Field([], description="Refs or names of resources, with all their parts")
    apps: list[str] = Field([], description="Apps' refs")
    customers: list[str] = Field([], description="Customers' refs, besides those of the map")
    notice_days: list[int] | None = Field(None, description="Of 14, 7, 3, 2 and 1; null: by the risk")
    expects_alerts: bool = False
    token: str = Field(description="32 hex digits of your own: sent twice it is one change", pattern="^[0-9a-f]{32}$")


class AnnouncementIn(Schema):
    """What announcing may need."""

    late_reason: str = Field("", description="Needed when it comes later than customers were promised")
    freeze_reason: str = Field("", description="Needed to let it happen in a freeze")


class NewWindowIn(AnnouncementIn):
    """Another window."""

    starts_at: datetime
    ends_at: datetime


class BeginningIn(Schema):
    """Why it begins although a customer has not confirmed."""

    decision: str = ""


class EndingIn(Schema):
    """How it ended."""

    result: str = Field(description="done or rolled_back")
    reason: str = ""


class WhyIn(Schema):
    """Why."""

    reason: str


class ChangeAnswerIn(Schema):
    """What a customer says to a window."""

    answer: str = Field(description="confirm or postpone")
    window: int = Field(description="The number of the window that was read")
    reason: str = ""
    wished_from: datetime | None = None
    wished_until: datetime | None = None
    customer: str | None = Field(None, description="For ours, who write down what this customer said; else unused")


class TouchedOut(Schema):
    """A customer that it touches, and what they say to the present window."""

    customer: str
    answer: str = Field(description='confirm, postpone, or "" where they have not answered')
    reason: str
    declined: str
    wished_from: datetime | None
    wished_until: datetime | None
    ticket: str | None


class PlannedChangeOut(Schema):
    """A change. Customers read themselves alone in `touched`; `plan`, `rollback` and `owner` are null to them."""

    ref: str
    kind: str
    state: str = Field(description="draft, announced, postponed, running, done, rolled_back or cancelled")
    title: str
    title_zh: str
    feel: str
    feel_zh: str
    risk: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    window: int = Field(description="Counts the windows that customers were given; an answer names one")
    announced_at: datetime | None
    late: bool
    started_at: datetime | None
    ended_at: datetime | None
    plan: str | None
    rollback: str | None
    owner: str | None
    notice_days: list[int]
    expects_alerts: bool
    touched: list[TouchedOut]


class PlannedChangesPage(Page):
    """Changes, the newest first."""

    changes: list[PlannedChangeOut]


class FreezeIn(Schema):
    """A time in which nothing is changed."""

    name: str = ""
    name_zh: str = ""
    timezone: str = "Asia/Shanghai"
    starts_at: datetime
    ends_at: datetime
    scope: str = Field("all", description="all, regions or customers")
    regions: list[str] = []
    customers: list[str] = []
    breakers: list[str] = Field([], description="Refs of people who may break it; none: managers and admins")


class FreezeOut(Schema):
    """A freeze that holds."""

    ref: str
    name: str
    name_zh: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    scope: str
    regions: list[str]
    customers: list[str]
    breakers: list[str]
