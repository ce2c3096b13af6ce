"""What the API says and takes of hidden risks and their rules."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from aftercare.web.api import Page


class RiskOut(Schema):
    """A hidden risk. Names are as the caller may know them; `owner` is a person's ref, null for nobody."""

    ref: str
    subject: str
    kind: str = Field(description="certificate, domain, licence, concurrency, quota, balance, disk, sdk_end or other")
    customer: str | None
    app: str | None
    rule: str | None = Field(description="the rule's ref; null for a rule that the caller may not see")
    state: str = Field(description="open, handling or closed")
    closing: str = Field(description="fixed, accepted, untrue, receded or gone; empty while it is not closed")
    accepted_until: date | None
    severity: str = Field(description="red or warning")
    owner: str | None
    owner_name: str
    lead_days: int = Field(description="the nearest lead time that it is within")
    runs_out_at: datetime
    earliest_at: datetime | None = Field(description="of a forecast, with 90% of certainty")
    latest_at: datetime | None = Field(description="null: perhaps never")
    due_at: datetime
    overdue: bool
    found_at: datetime
    seen_at: datetime
    happened_at: datetime | None
    closed_at: datetime | None
    measured: dict[str, Any]
    evidence: str


class RisksPage(Page):
    """Hidden risks, nobody's and overdue ones first."""

    risks: list[RiskOut]


class RiskDeedOut(Schema):
    """One line of a risk's history."""

    at: datetime
    kind: str = Field(description="found, worse, taken, note, overdue, ran_out, closed, confirmed or reopened")
    by: str
    words: str
    text: str
    closing: str
    outcome: str = Field(description="prevented or happened; empty for what counts as neither")
    confirmed_at: datetime | None
    undone_at: datetime | None


class RiskOutcomeOut(RiskDeedOut):
    """A closing that counts, or will once it is confirmed, and of which risk."""

    risk: str
    subject: str


class RiskOutcomesPage(Page):
    """What was prevented and what happened in the last `days`, and the rows behind that."""

    days: int
    prevented: int
    happened: int
    unproven: int
    outcomes: list[RiskOutcomeOut]


class RiskTakingIn(Schema):
    """Who deals with it, by which day's end in UTC."""

    owner: str | None = Field(description="a person's ref; null for nobody")
    due_on: date


class RiskNoteIn(Schema):
    """A line for the history."""

    text: str


class RiskClosingIn(Schema):
    """Why it is closed; `reason` is needed for all but fixed, `until` for accepted."""

    closing: str = Field(description="fixed, accepted or untrue")
    reason: str = ""
    until: date | None = None


class RiskRuleIn(Schema):
    """A rule's settings: the fields that its source is about count, the others are left out."""

    name: str
    kind: str = Field(description="certificate, domain, licence, concurrency, quota, balance, disk, sdk_end or other")
    known_from: str = Field("date", description="probes, metric, date, figures or sdk; it cannot be changed later")
    lead_days: list[int] = Field([30, 14, 7], description="days before, the longest first")
    expires_on: date | None = Field(None, description="for date and sdk: from the beginning of that day in UTC")
    sdk_version: str = Field("", description="for sdk")
    metric: str = Field("", description="for metric: a key of the catalog, or a measurement as max(disk.used)")
    filters: dict[str, str] = Field({}, description="for metric: dimensions, or a measurement's labels; at most three")
    limit: float | None = Field(None, description="for metric and figures")
    falls: bool = Field(False, description="the limit is reached from above, as a balance's is")
    unit: str = ""
    owner: str | None = Field(None, description="a person's ref: who gets what it finds")


class NewRiskRuleIn(RiskRuleIn):
    """The same with whose it is."""

    of: str = Field(description="an app's ref; all:REF for a customer; own for the provider's own")


class RiskSeenOut(Schema):
    """What the last look said of one cause; `runs_out_at` null: not within a year."""

    subject: str
    runs_out_at: datetime | None
    evidence: str


class RiskRuleOut(Schema):
    """A rule, and what its last look said; `known` false says that nothing is known, which is not the same as fine."""

    ref: str
    name: str
    kind: str
    known_from: str
    customer: str | None
    app: str | None
    lead_days: list[int]
    expires_on: date | None
    sdk_version: str
    metric: str
    filters: dict[str, str]
    limit: float | None
    falls: bool
    unit: str
    owner: str | None
    looked_at: datetime | None
    known: bool
    seen: list[RiskSeenOut]


class RiskRulesPage(Page):
    """Rules by what runs out."""

    rules: list[RiskRuleOut]


class RiskFigureIn(Schema):
    """A figure in the rule's unit; without `at` as of now. Told again for one instant it counts once."""

    value: float
    at: datetime | None = None


class RiskFigureOut(Schema):
    """A figure as it is kept."""

    value: float
    at: datetime
