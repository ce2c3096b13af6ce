"""An alert: one time that a monitor crossed its line, a heartbeat went down, something was about to run out, or
others' monitoring spoke, until it closes.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref
from aftercare.watch.models.monitor import Comparison, Kind, Severity
from aftercare.watch.models.place import Placed


class CloseReason(models.TextChoices):
    """Why an alert is over."""

    RECOVERED = "recovered", _("back within the limit")
    UNSEEN = "unseen", _("closed without data, as the rule says")
    DISABLED = "disabled", _("the rule was switched off")
    EDITED = "edited", _("the rule now asks something else")
    DELETED = "deleted", _("the rule was deleted")
    BY_HAND = "by_hand", _("closed by hand")
    REVOKED = "revoked", _("the source was revoked")


# Who says that something is wrong: an alert has exactly one of these.
ORIGINS = ("monitor", "source", "heartbeat", "risk")


def exactly_one(names: tuple[str, ...]) -> Q:
    """The condition that one of these columns is filled and no other."""
    ways = Q()
    for filled in names:
        ways |= Q(**{f"{name}__isnull": name != filled for name in names})
    return ways


class Alert(Placed, models.Model):
    """What the monitor asked when it fired is kept here, whatever becomes of the monitor.

    `first_value` is None when the absence of data fired it; `worst_value` may lag the true worst by 5% until closing.

    An alert from elsewhere, of a heartbeat or of a risk, is told, not measured: it has a title and perhaps a body
    (plain text), labels in `filters` and a link, but no metric. One without a customer is about the provider's own
    systems, and nobody else's business. `closes_at` is when one that its source tells nothing more of closes by itself.

    `threshold` is the limit that was crossed: of an anomaly the edge of its band, which `expected` tells whole (`kind`,
    `usual`, `low`, `high`, of a burn rate `burn` and its windows); {} for an alert of a plain limit.

    `cause` is the piece of the provider's infrastructure that explains it, as far as that was found when it opened;
    `located` has the figures that prove it, `inside` and `outside` the cause (`value`, `volume`), and `together`, how
    many customers and apps turned with it; {"spread": true} says that no single node explains it; {} that nothing is
    known.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    monitor = models.ForeignKey("watch.Monitor", on_delete=models.PROTECT, null=True, related_name="alerts")
    source = models.ForeignKey("watch.AlertSource", on_delete=models.PROTECT, null=True, related_name="alerts")
    heartbeat = models.ForeignKey("watch.Heartbeat", on_delete=models.PROTECT, null=True, related_name="alerts")
    risk = models.ForeignKey("watch.Risk", on_delete=models.PROTECT, null=True, related_name="alerts")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="alerts")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="alerts")
    title = models.CharField(max_length=200, blank=True)
    title_zh = models.CharField(max_length=200, blank=True)
    body = models.CharField(max_length=4000, blank=True)
    link = models.CharField(max_length=1000, blank=True)
    fingerprint = models.CharField(max_length=200, blank=True)
    last_seen_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    metric = models.CharField(max_length=210, blank=True)
    unit = models.CharField(max_length=70, blank=True, default="")
    filters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    comparison = models.CharField(max_length=8, choices=Comparison.choices, blank=True)
    threshold = models.FloatField(null=True)
    window_s = models.PositiveIntegerField(null=True)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=12, choices=CloseReason.choices, blank=True)
    first_value = models.FloatField(null=True)
    worst_value = models.FloatField(null=True)
    volume = models.FloatField(null=True)
    expected: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    cause = models.ForeignKey("telemetry.Resource", on_delete=models.PROTECT, null=True, related_name="alerts")
    located: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("alert")
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"], condition=Q(closed_at__isnull=True), name="watch_one_open_alert_each"
            ),
            models.UniqueConstraint(
                fields=["source", "fingerprint"], condition=Q(closed_at__isnull=True), name="watch_one_open_told_each"
            ),
            models.UniqueConstraint(
                fields=["heartbeat"], condition=Q(closed_at__isnull=True), name="watch_one_open_of_heartbeat"
            ),
            models.UniqueConstraint(
                fields=["risk"], condition=Q(closed_at__isnull=True), name="watch_one_open_of_risk"
            ),
            models.CheckConstraint(condition=exactly_one(ORIGINS), name="watch_alert_has_one_origin"),
            models.CheckConstraint(
                condition=Q(monitor__isnull=False, customer__isnull=False, threshold__isnull=False, window_s__gt=0)
                & ~Q(metric="")
                & ~Q(comparison="")
                | Q(monitor__isnull=True, metric="", comparison="", threshold__isnull=True, window_s__isnull=True)
                & ~Q(title=""),
                name="watch_alert_measured_or_told",
            ),
            models.CheckConstraint(
                condition=Q(app__isnull=True) | Q(customer__isnull=False), name="watch_alert_app_has_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="watch_alert_customer"),
            models.Index(fields=["app", "-opened_at"], name="watch_alert_app"),
            models.Index(fields=["-opened_at"], name="watch_alert_newest"),
            models.Index(fields=["source", "fingerprint"], name="watch_alert_told", condition=Q(source__isnull=False)),
            models.Index(
                fields=["closes_at"],
                name="watch_alert_closes",
                condition=Q(closes_at__isnull=False, closed_at__isnull=True),
            ),
            models.Index(
                fields=["customer", "app"],
                name="watch_alert_located",
                condition=Q(cause__isnull=False, closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric or self.title} {self.opened_at:%F %T}"

    @property
    def is_measured(self) -> bool:
        """Whether a monitor of ours saw it; else somebody told us, and there is no figure and no chart."""
        return bool(self.metric)

    @property
    def kind(self) -> str:
        """What it was held against."""
        return str(self.expected.get("kind", Kind.THRESHOLD))

    @property
    def display_title(self) -> str:
        """The title of an alert from elsewhere, in the reader's language where it has both."""
        return in_readers_language(self.title, self.title_zh)

    @property
    def origin(self) -> tuple[str, int]:
        """Which of ORIGINS says it, and that one's primary key."""
        name = next(name for name in ORIGINS if getattr(self, f"{name}_id") is not None)
        return name, getattr(self, f"{name}_id")

    @property
    def is_open(self) -> bool:
        """Whether the trouble still stands."""
        return self.closed_at is None

    @property
    def lasted_s(self) -> float | None:
        """How long it was open in seconds, None while it still is."""
        return (self.closed_at - self.opened_at).total_seconds() if self.closed_at else None
