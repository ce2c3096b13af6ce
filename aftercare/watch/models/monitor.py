"""A monitor: one metric of one app, or of all apps of a customer, held against a limit or against what is usual."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.watch.models.place import Placed


class Kind(models.TextChoices):
    """What a monitor holds its metric against. An objective's budget is what it leaves to go wrong in 30 days."""

    THRESHOLD = "threshold", _("A limit")
    ANOMALY = "anomaly", _("What is usual at this hour")
    BURN_RATE = "burn_rate", _("An objective's budget")
    ABSENCE = "absence", _("Whether anything is reported")


class Sensitivity(models.TextChoices):
    """How far from the usual is too far."""

    LOW = "low", pgettext_lazy("sensitivity", "low: what nobody can miss")
    NORMAL = "normal", pgettext_lazy("sensitivity", "normal")
    HIGH = "high", pgettext_lazy("sensitivity", "high: early, with false alarms now and then")


# Which kinds have a number to hold the metric against.
KINDS_WITH_THRESHOLD = (Kind.THRESHOLD, Kind.BURN_RATE)


class Comparison(models.TextChoices):
    """On which side of the threshold the trouble lies."""

    ABOVE = "above", pgettext_lazy("comparison", "above")
    BELOW = "below", pgettext_lazy("comparison", "below")


class Severity(models.TextChoices):
    """How loudly an alert speaks."""

    RED = "red", _("Red line")
    WARNING = "warning", _("Warning")


class NoData(models.TextChoices):
    """What a window without any data means."""

    KEEP = "keep", _("keep an open alert open, open none")
    FIRE = "fire", _("count as over the line")
    RESOLVE = "resolve", _("close an open alert")


class Monitor(Placed, models.Model):
    """An alert rule. `filters` maps dimensions to the one value each must have; times are in seconds.

    `metric` is a key of the catalog, or a measurement's (`rate(edge.sent)`); then `filters` are labels, and `unit` is
    that of its readings (UCUM) as it was told when the rule was written.

    `threshold` is the limit, of a burn rate the objective; the other kinds have none. `sensitivity` is an anomaly's.

    `min_volume` None means the metric's own floor. A deleted monitor stays for the alerts it opened. `kept_by` is the
    address of the page that made it and will delete it ("/assurance/…"): such a rule is not changed by hand.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="monitors")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="monitors")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.THRESHOLD)
    metric = models.CharField(max_length=210)
    unit = models.CharField(max_length=70, blank=True, default="")
    filters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict, blank=True)
    comparison = models.CharField(max_length=8, choices=Comparison.choices)
    threshold = models.FloatField(null=True)
    sensitivity = models.CharField(max_length=8, choices=Sensitivity.choices, default=Sensitivity.NORMAL)
    window_s = models.PositiveIntegerField()
    min_volume = models.FloatField(null=True)
    fire_after = models.PositiveSmallIntegerField()
    resolve_after = models.PositiveSmallIntegerField()
    severity = models.CharField(max_length=8, choices=Severity.choices)
    no_data = models.CharField(max_length=8, choices=NoData.choices, default=NoData.KEEP)
    enabled = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)
    kept_by = models.CharField(max_length=60, blank=True, default="", editable=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("alert rule")
        constraints = [
            models.UniqueConstraint(
                fields=["app", "metric", "severity"],
                condition=Q(is_default=True, deleted_at__isnull=True),
                name="watch_one_default_each",
            ),
            models.CheckConstraint(
                condition=Q(window_s__gte=10, fire_after__gte=1, resolve_after__gte=1), name="watch_counts_are_sane"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=KINDS_WITH_THRESHOLD, threshold__isnull=False)
                | (~Q(kind__in=KINDS_WITH_THRESHOLD) & Q(threshold__isnull=True)),
                name="watch_threshold_by_kind",
            ),
        ]
        indexes = [models.Index(fields=["customer", "app"], name="watch_of_app", condition=Q(deleted_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.metric} {self.kind} {self.comparison} {self.threshold}"


class PlanVersion(models.Model):
    """One row whose `token` changes with every edit of any monitor: evaluators that see a new one load anew.

    A random token, not a count: one that was rolled back can never come again with another meaning.
    """

    token = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.token
