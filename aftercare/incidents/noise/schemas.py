"""What the API of silences, rules of inhibition and held alerts takes and tells."""

from datetime import datetime

from ninja import Field, Schema

from aftercare.web.api import Page


class MatchFacts(Schema):
    """Which alerts are meant; everything that is filled must fit. A text that ends with * fits by its beginning."""

    customer: str = Field("", description="A customer's ref, or own: the provider's own systems")
    app: str = Field("", description="An app's ref")
    origin: str = Field("", description="monitor:REF, source:REF, heartbeat:REF or risk:REF")
    metric: str = ""
    title: str = Field("", description="Of what others' monitoring says")
    labels: dict[str, str] = {}


class SilenceIn(Schema):
    """A silence; give `ends_at` or `lasts_s`. Times carry their offset."""

    reason: str
    match: MatchFacts
    holds_red: bool = Field(False, description="Red alerts too: nobody is called for them while it lasts")
    starts_at: datetime | None = Field(None, description="null: now")
    ends_at: datetime | None = None
    lasts_s: int | None = Field(None, description="Seconds from its start, at most a week", ge=1, le=604_800)
    token: str = Field(description="32 hex digits of your own: sent twice it is one silence", pattern="^[0-9a-f]{32}$")


class SilenceEndIn(Schema):
    """When it ends instead."""

    ends_at: datetime


class SilenceOut(Schema):
    """A silence, and what it held."""

    ref: str
    reason: str
    match: MatchFacts
    holds_red: bool
    starts_at: datetime
    ends_at: datetime
    made_by: str
    ended_by: str | None
    state: str = Field(description="coming, running or over")
    held: int = Field(description="How many alerts it held so far")


class SilencesPage(Page):
    """Silences, newest first."""

    silences: list[SilenceOut]


class InhibitionIn(Schema):
    """A rule: while an alert that fits `source` is open, those that fit `target` and share `same` with it wait."""

    name: str
    source: MatchFacts
    target: MatchFacts
    same: str = Field(description="customer, app, or the name of a label that both carry with the same value")


class InhibitionOut(InhibitionIn):
    """A rule that holds."""

    ref: str
    made_by: str
    made_at: datetime


class HeldAlertOut(Schema):
    """An alert that called nobody when it opened."""

    alert: str = Field(description="The alert's ref")
    reason: str = Field(description="silence, inhibited, maintenance or flapping")
    why: str = Field(description="In a sentence")
    silence: str | None
    rule: str | None
    parent: str | None = Field(description="The alert that stands for it")
    change: str | None
    held_at: datetime
    until: datetime | None = Field(description="When it is let go at the latest, where a time says so")
    released_at: datetime | None
    outcome: str = Field(description='"" while it waits, then joined or over')


class HeldAlertsPage(Page):
    """Alerts held back, newest first."""

    alerts: list[HeldAlertOut]
