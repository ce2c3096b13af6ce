"""The state a monitor is in, and every change of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """What the last windows said. `firing_blind`: the alert is open, and nothing tells whether the trouble is over."""

    NEW = "new", _("not looked at yet")
    OK = "ok", _("within the limit")
    FIRING = "firing", pgettext_lazy("monitor", "alerting")
    FIRING_BLIND = "firing_blind", _("alerting, nothing seen since")
    LOW_VOLUME = "low_volume", _("too little volume for a verdict")
    NO_DATA = "no_data", _("no data")
    LEARNING = "learning", _("learning what is usual")


FIRING_STATUSES = (Status.FIRING, Status.FIRING_BLIND)


class MonitorState(models.Model):
    """Where one monitor stands; written when the status changes, never once per evaluation.

    `revision` changes with every edit, so that an evaluator which still holds the old rule cannot write for it.
    """

    monitor = models.OneToOneField("watch.Monitor", on_delete=models.CASCADE, primary_key=True, related_name="state")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    value = models.FloatField(null=True)
    volume = models.FloatField(null=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.monitor_id} {self.status}"


class MonitorChange(models.Model):
    """One change of a monitor's status, with what was measured at that time (None: nothing was)."""

    monitor = models.ForeignKey("watch.Monitor", on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(db_index=True)
    from_status = models.CharField(max_length=16, choices=Status.choices)
    to_status = models.CharField(max_length=16, choices=Status.choices)
    value = models.FloatField(null=True)
    volume = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["monitor", "-at"], name="watch_change_newest")]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status} {self.at:%F %T}"
