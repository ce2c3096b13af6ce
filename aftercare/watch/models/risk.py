"""A hidden risk: one thing that will run out, from when it is found until it is dealt with; and what was done."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.watch.models.monitor import Severity
from aftercare.watch.models.place import Placed


class RiskState(models.TextChoices):
    """How far a risk is dealt with."""

    OPEN = "open", pgettext_lazy("risk", "open")
    HANDLING = "handling", pgettext_lazy("risk", "being handled")
    CLOSED = "closed", pgettext_lazy("risk", "closed")


class RiskClosing(models.TextChoices):
    """Why a risk is closed; GONE where it is not looked at any more, or the rule now asks something else."""

    FIXED = "fixed", pgettext_lazy("risk", "fixed")
    ACCEPTED = "accepted", pgettext_lazy("risk", "accepted")
    UNTRUE = "untrue", pgettext_lazy("risk", "not true")
    RECEDED = "receded", pgettext_lazy("risk", "receded by itself")
    GONE = "gone", pgettext_lazy("risk", "not looked at any more")


class RiskOutcome(models.TextChoices):
    """What a line of history means for the count: closed before it ran out, or run out."""

    PREVENTED = "prevented", pgettext_lazy("risk", "prevented")
    HAPPENED = "happened", pgettext_lazy("risk", "happened")


class DeedKind(models.TextChoices):
    """What happened to a risk."""

    FOUND = "found", _("found")
    WORSE = "worse", _("came closer")
    TAKEN = "taken", _("given to somebody")
    NOTE = "note", pgettext_lazy("risk", "note")
    OVERDUE = "overdue", pgettext_lazy("risk", "overdue")
    RAN_OUT = "ran_out", _("ran out")
    CLOSED = "closed", pgettext_lazy("deed", "closed")
    CONFIRMED = "confirmed", _("the closing is confirmed by what is measured")
    REOPENED = "reopened", _("opened again")


class Risk(Placed, models.Model):
    """One row for each cause of a rule, whatever becomes of it: found again it is updated, come back it opens again.

    `cause` tells apart what one rule finds: a probe's ref, a customer's. `runs_out_at` is what is known or forecast,
    between `earliest_at` and `latest_at` (None: perhaps never); `due_at` by when it is to be dealt with. `lead_days` is
    the nearest lead time reached. `measured` has the figures of the last look that had any (`seen_at`).
    `happened_at` is when it ran out while it was open. `is_gone` says that a look since the closing found it no more;
    `overdue_at` that upper rooms were told of this due time.
    """

    origin = "risk"  # its name among the ORIGINS of alerts

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    rule = models.ForeignKey("watch.RiskRule", on_delete=models.PROTECT, related_name="risks")
    cause = models.CharField(max_length=80, blank=True, default="")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="risks")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="risks")
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=RiskState.choices, default=RiskState.OPEN)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    lead_days = models.PositiveIntegerField()
    runs_out_at = models.DateTimeField()
    earliest_at = models.DateTimeField(null=True)
    latest_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    measured: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=8, choices=RiskClosing.choices, blank=True, default="")
    accepted_until = models.DateField(null=True)
    is_gone = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("hidden risk")
        constraints = [
            models.UniqueConstraint(fields=["rule", "cause"], name="watch_one_risk_of_cause"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(closing="")
                | ~Q(state="closed") & Q(closed_at__isnull=True, closing=""),
                name="watch_risk_closed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(app__isnull=True) | Q(customer__isnull=False), name="watch_risk_app_has_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "runs_out_at"], name="watch_risks_of"),
            models.Index(fields=["due_at"], name="watch_risks_open", condition=~Q(state="closed")),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_open(self) -> bool:
        """Whether it still has to be dealt with."""
        return self.state != RiskState.CLOSED


class RiskDeed(models.Model):
    """One line of a risk's history. `detail` has what changed, as plain values.

    A closing counts as prevented once `confirmed_at` says that a look found it no more; `undone_at` says that it was
    still found, so that the closing counts as nothing. Running out counts as happened at once, unless it was untrue.
    """

    risk = models.ForeignKey("watch.Risk", on_delete=models.CASCADE, related_name="deeds")
    at = models.DateTimeField()
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=DeedKind.choices)
    text = models.CharField(max_length=2000, blank=True, default="")
    detail: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    closing = models.CharField(max_length=8, choices=RiskClosing.choices, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=RiskOutcome.choices, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["risk", "-at"], name="watch_risk_deeds"),
            models.Index(fields=["-at"], name="watch_risk_outcomes", condition=~Q(outcome="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"
