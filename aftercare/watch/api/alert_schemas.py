"""What the API tells and takes of alerts and their sources."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from aftercare.accounts.access import person
from aftercare.watch.models import Alert, AlertSource
from aftercare.watch.outside.types import SourceFacts
from aftercare.web.api import Page


class AlertOut(Schema):
    """An alert; `metric` is empty for one from elsewhere, `title` for one of a rule of ours."""

    ref: str
    title: str
    body: str
    link: str
    metric: str
    labels: dict[str, str] = Field(alias="filters")
    severity: str
    app: str | None
    customer: str | None
    source: str | None = Field(description="null for customers' people, whose business it is not")
    opened_at: datetime
    last_seen_at: datetime | None
    closed_at: datetime | None
    close_reason: str

    @staticmethod
    def resolve_app(alert: Alert) -> str | None:
        """The app's ref."""
        return alert.app.ref if alert.app else None

    @staticmethod
    def resolve_customer(alert: Alert) -> str | None:
        """The customer's ref, null for the provider's own systems."""
        return alert.customer.ref if alert.customer else None

    @staticmethod
    def resolve_source(alert: Alert, context: Any) -> str | None:
        """The source's ref, for the provider's people."""
        return alert.source.ref if alert.source and person(context["request"]).is_provider else None


class AlertsOut(Page):
    """One page of alerts, newest first."""

    alerts: list[AlertOut]


class SourceIn(Schema):
    """What of a source can be changed."""

    name: str
    mapping: dict[str, str] = Field(
        {}, description="of kind json: paths by list, title, body, severity, fingerprint, …"
    )
    severities: dict[str, str] = Field({}, description="level: red, warning or ignored; * for all others")
    silent_after_s: int | None = Field(None, description="close an alert after so long without news; null: never")

    def facts(self) -> SourceFacts:
        """The settings as actions take them."""
        return SourceFacts(self.name, self.mapping, self.severities, self.silent_after_s)


class NewSourceIn(SourceIn):
    """A new source; without an app and a customer it watches the provider's own systems."""

    kind: str
    app: str = ""
    customer: str = ""


class SourceOut(Schema):
    """A source, without its key."""

    ref: str
    name: str
    kind: str
    app: str | None
    customer: str | None
    mapping: dict[str, str]
    severities: dict[str, str]
    silent_after_s: int | None
    open_alerts: int = Field(0, alias="open_count")
    last_title: str | None = None
    last_said_at: datetime | None
    created_at: datetime
    revoked_at: datetime | None

    @staticmethod
    def resolve_app(source: AlertSource) -> str | None:
        """The app's ref."""
        return source.app.ref if source.app else None

    @staticmethod
    def resolve_customer(source: AlertSource) -> str | None:
        """The customer's ref, null for the provider's own systems."""
        return source.customer.ref if source.customer else None


class SourceMadeOut(Schema):
    """A source with the address to post to, whose key is shown here and never again."""

    source: SourceOut
    address: str


class RefusalOut(Schema):
    """A payload that could not be read, or not in full."""

    at: datetime
    reason: str = Field(alias="display_reason")
    payload: str


class OverlapIn(Schema):
    """How long the old address works beside the new one."""

    overlap_h: int = 24


class TrialIn(Schema):
    """A payload to look at, with a mapping other than the source's where one is given."""

    payload: str = Field(max_length=200_000)
    mapping: dict[str, str] | None = None


class ToldOut(Schema):
    """An alert as it would be kept."""

    fingerprint: str
    title: str
    body: str
    severity: str
    labels: dict[str, str]
    link: str


class TrialOut(Schema):
    """What would become of a payload."""

    firing: list[ToldOut]
    over: list[str] = Field(description="titles of what would close")
    ignored: int
    troubles: list[str]
