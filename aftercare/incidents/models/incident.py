"""An incident: what is broken, since when, for whom, who has it, and everything that happened about it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class Severity(models.TextChoices):
    RED = "red", _("red")
    WARNING = "warning", _("warning")


class Status(models.TextChoices):
    """`open` means nobody has taken it yet."""

    OPEN = "open", _("nobody has it")
    ACKNOWLEDGED = "acknowledged", _("being worked on")
    RESOLVED = "resolved", _("resolved")


class EndReason(models.TextChoices):
    """Why an incident is over; none of it is a word for people, `words.over_words` has those.

    `told`: whoever told of it says that it is over, nothing was measured; `revoked`: they may tell us no more.
    `merged`: it goes on as another one.
    """

    BY_HAND = "by_hand"
    RECOVERED = "recovered"
    UNSEEN = "unseen"
    GONE = "gone"
    TOLD = "told"
    REVOKED = "revoked"
    MERGED = "merged"


# Nobody saw it recover: it is over on paper only.
NOT_RECOVERED = (EndReason.UNSEEN, EndReason.GONE, EndReason.REVOKED)


# What `access.incidents_for` gives an incident that a customer's people read: the titles of their own ticket.
TOLD_TITLES = ("told_title", "told_title_zh")
READER = "reader_customer"


class Incident(models.Model):
    """One thing that is broken in one app, in all apps of a customer (`app` None), or in the provider's own systems.

    The last has no customer either, nor has one that was opened by hand (`declared_by`) and touches several or none,
    nor one of a `cause`: a piece of the provider's infrastructure that explains the alerts of any number of customers.
    Its title is the provider's business; a customer's people read that of their own ticket (TOLD_TITLES).

    Whom it touches is in `customers`: those have tickets of it, and nobody else's people ever see it. `declared_token`
    is of the form that opened it: pressing twice opens one.

    `reopens_at` is when one that was resolved by hand, with an alert open, is looked at again. `mitigated_at` is when
    users stopped to feel it, as somebody said, whatever was still to be repaired. `titled_by` is who gave it its title
    by hand: alerts reword it no more.

    `merged_into` is the one that turned out to be the same trouble: its alerts, tickets and tasks are there, its story
    stays. One that took in alerts of another place `is_shared`: later alerts of all these places join it, and as they
    may be of several customers, none of them rewords its title.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.OPEN)
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="incidents")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="incidents")
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)
    reopens_at = models.DateTimeField(null=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declared_token = models.CharField(max_length=32, null=True, unique=True, editable=False)
    mitigated_at = models.DateTimeField(null=True)
    mitigated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.ForeignKey("telemetry.Resource", on_delete=models.PROTECT, null=True, related_name="incidents")
    titled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    is_shared = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["opened_at"],
                name="incident_shared",
                condition=Q(is_shared=True) & ~Q(status="resolved"),
            ),
            models.Index(
                fields=["cause"],
                name="incident_of_cause",
                condition=Q(cause__isnull=False) & ~Q(status="resolved"),
            ),
            models.Index(fields=["reopens_at"], name="incident_reopens", condition=Q(reopens_at__isnull=False)),
            models.Index(fields=["-opened_at"], name="incident_newest"),
            models.Index(fields=["app", "opened_at"], name="incident_unresolved", condition=~Q(status="resolved")),
        ]

    def __str__(self) -> str:
        return self.display_title

    @property
    def lasted_s(self) -> float | None:
        """How long it took, in seconds; None while it goes on."""
        return (self.resolved_at - self.opened_at).total_seconds() if self.resolved_at else None

    @property
    def place(self) -> str:
        """What is broken: the app, the customer whose apps are, or what is the provider's own."""
        if (self.app or self.customer) and not self.is_anothers:
            return str(self.app or self.customer)
        if self.cause and not self.is_for_customers:
            return f"{self.cause.get_kind_display()} {self.cause.name}"
        is_several = self.declared_by_id or self.customer_id or self.is_shared
        return str(_("Several customers") if is_several else _("Our own systems"))

    @property
    def display_title(self) -> str:
        """The title in the reader's language; of a cause, and of what began as another's or as the provider's own, a
        customer's people read that of their own ticket.
        """
        if self.is_for_customers and (self.cause_id is not None or self.is_anothers):
            told = (getattr(self, name) or "" for name in TOLD_TITLES)
            return in_readers_language(*told) or self.neutral_title
        return in_readers_language(self.title, self.title_zh)

    @property
    def is_for_customers(self) -> bool:
        """Whether it was asked for in the name of a customer's people."""
        return hasattr(self, TOLD_TITLES[0])

    @property
    def is_anothers(self) -> bool:
        """Whether it was asked for by a customer's people whose alerts it is not about, nor did a person word it for
        all whom it touches.
        """
        if not self.is_for_customers or self.declared_by_id is not None:
            return False
        return bool(self.customer_id != getattr(self, READER))

    @property
    def neutral_title(self) -> str:
        """What every customer may read as its title: neither the resource, nor how many it touches, nor whose it is."""
        if self.cause_id is not None:
            return str(_("A part of our network is disturbed"))
        if self.is_anothers or (self.is_shared and self.customer_id is None and self.declared_by_id is None):
            return str(_("Service disruption"))
        return in_readers_language(self.title, self.title_zh)

    @property
    def keeps_title(self) -> bool:
        """Whether alerts that come reword it no more."""
        return self.titled_by_id is not None or self.is_shared


class IncidentAlert(models.Model):
    """An alert that is part of an incident; each belongs to one. `evidence_due_at` is None once it is gathered.

    `over_at` is when its closing was told: so that twice counts once.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="alerts")
    alert = models.OneToOneField("watch.Alert", on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    evidence: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    evidence_due_at = models.DateTimeField(null=True)
    evidence_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["evidence_due_at"], name="incident_evidence_due", condition=Q(evidence_due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.alert_id}"


class IncidentCustomer(models.Model):
    """A customer that an incident touches, and the ticket in which it is told."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="customers")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "customer"], name="incident_customer_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.customer_id}"


class Kind(models.TextChoices):
    OPENED = "opened"
    ALERT_JOINED = "alert_joined"
    SEVERITY_RAISED = "severity_raised"
    PAGED = "paged"
    DELIVERED = "delivered"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    TICKET_OPENED = "ticket_opened"
    CUSTOMER_REPLIED = "customer_replied"
    PROVIDER_REPLIED = "provider_replied"
    NOTE = "note"
    ALERT_CLOSED = "alert_closed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    TOLD = "told"
    UPDATE_OVERDUE = "update_overdue"
    DECLARED = "declared"
    CUSTOMER_ADDED = "customer_added"
    CUSTOMER_REMOVED = "customer_removed"
    TICKET_LINKED = "ticket_linked"
    ROLE = "role"
    MITIGATED = "mitigated"
    TASK_ADDED = "task_added"
    TASK_DONE = "task_done"
    SUSPECTED = "suspected"
    CHANGE_BLAMED = "change_blamed"
    CHANGE_CLEARED = "change_cleared"
    GRADED = "graded"
    RESPONSIBILITY = "responsibility"
    REPORT_OVERDUE = "report_overdue"
    REGULATOR_OVERDUE = "regulator_overdue"
    REGULATOR_TOLD = "regulator_told"
    FOLLOW_UP = "follow_up"
    FOLLOW_UP_DONE = "follow_up_done"
    FOLLOW_UP_DROPPED = "follow_up_dropped"
    REPORT = "report"
    REPORT_PUBLISHED = "report_published"
    RUNBOOK = "runbook"
    RUNBOOK_STEP = "runbook_step"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    FLAPPING = "flapping"
    LOCATED = "located"
    WIDENED = "widened"
    CUSTOMER_SPARED = "customer_spared"
    REWORDED = "reworded"
    SEVERITY_SET = "severity_set"
    TASK_CHANGED = "task_changed"
    MERGED = "merged"
    MERGED_AWAY = "merged_away"


# What a customer may read of an incident that touches it; the rest is the provider's own business.
TOLD_TO_CUSTOMERS = (
    Kind.OPENED,
    Kind.ALERT_JOINED,
    Kind.SEVERITY_RAISED,
    Kind.ACKNOWLEDGED,
    Kind.TICKET_OPENED,
    Kind.CUSTOMER_REPLIED,
    Kind.PROVIDER_REPLIED,
    Kind.ALERT_CLOSED,
    Kind.RESOLVED,
    Kind.REOPENED,
    Kind.TOLD,
    Kind.MITIGATED,
    Kind.FLAPPING,
)


class TimelineEntry(models.Model):
    """One thing that happened. `customer` is set when it concerns that customer alone.

    `told_at` is when it was written down, where that was later than when it happened (`at`).
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "at"], name="incident_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"
