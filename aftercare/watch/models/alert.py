"""An alert: one time that a monitor crossed its line, from opening to closing."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref
from aftercare.watch.models.monitor import Comparison, Severity
from aftercare.watch.models.place import Placed


class CloseReason(models.TextChoices):
    """Why an alert is over."""

    RECOVERED = "recovered", _("back within the limit")
    UNSEEN = "unseen", _("closed without data, as the rule says")
    DISABLED = "disabled", _("the rule was switched off")
    EDITED = "edited", _("the rule now asks something else")
    DELETED = "deleted", _("the rule was deleted")


class Alert(Placed, models.Model):
    """What the monitor asked when it fired is kept here, whatever becomes of the monitor.

    `first_value` is None when the absence of data fired it; `worst_value` may lag the true worst by 5% until closing.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    monitor = models.ForeignKey("watch.Monitor", on_delete=models.PROTECT, related_name="alerts")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="alerts")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="alerts")
    metric = models.CharField(max_length=210)
    unit = models.CharField(max_length=70, blank=True, default="")
    filters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    comparison = models.CharField(max_length=8, choices=Comparison.choices)
    threshold = models.FloatField()
    window_s = models.PositiveIntegerField()
    severity = models.CharField(max_length=8, choices=Severity.choices)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=12, choices=CloseReason.choices, blank=True)
    first_value = models.FloatField(null=True)
    worst_value = models.FloatField(null=True)
    volume = models.FloatField(null=True)

    class Meta:
        verbose_name = _("alert")
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"], condition=Q(closed_at__isnull=True), name="watch_one_open_alert_each"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="watch_alert_customer"),
            models.Index(fields=["app", "-opened_at"], name="watch_alert_app"),
            models.Index(fields=["-opened_at"], name="watch_alert_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.opened_at:%F %T}"

    @property
    def is_open(self) -> bool:
        """Whether the trouble still stands."""
        return self.closed_at is None

    @property
    def lasted_s(self) -> float | None:
        """How long it was open in seconds, None while it still is."""
        return (self.closed_at - self.opened_at).total_seconds() if self.closed_at else None
