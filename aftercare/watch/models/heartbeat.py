"""A heartbeat: something that should happen regularly and pings an address when it does."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.watch.models.monitor import Severity
from aftercare.watch.models.place import Placed

PINGS_KEPT = 100


class HeartbeatStatus(models.TextChoices):
    """Where a heartbeat stands. That a run has begun and not ended is told beside it: `HeartbeatState.started_at`."""

    NEW = "new", pgettext_lazy("heartbeat", "waiting for a ping")
    UP = "up", pgettext_lazy("heartbeat", "on time")
    LATE = "late", pgettext_lazy("heartbeat", "late, within its grace")
    DOWN = "down", pgettext_lazy("heartbeat", "down")
    PAUSED = "paused", pgettext_lazy("heartbeat", "paused")


class Reason(models.TextChoices):
    """Why a heartbeat changed, or began to be counted anew."""

    MISSED = "missed", _("no ping came in time")
    OVERRAN = "overran", _("a run began and did not end in time")
    FAILED = "failed", _("it told of a failure")
    PINGED = "pinged", _("a ping came")
    ABSENT = "absent", _("we could not take pings; counted anew from here")
    PAUSED = "paused", _("paused by hand")
    RESUMED = "resumed", _("resumed by hand; counted anew from here")
    EDITED = "edited", _("its schedule was changed; counted anew from here")


class PingKind(models.TextChoices):
    """What a ping tells."""

    OK = "ok", pgettext_lazy("ping", "success")
    START = "start", pgettext_lazy("ping", "start")
    FAIL = "fail", pgettext_lazy("ping", "failure")
    LOG = "log", pgettext_lazy("ping", "note")


class Heartbeat(Placed, models.Model):
    """`customer` None means the provider's own. Expected each `every_s` after the last success, or at the times of
    `cron` on the wall clock of `timezone`; one of the two is set. Down after `grace_s` more.

    A run that began must end within `longest_run_s`, within the grace where that is None. The key is kept twice: its
    fingerprint to find it by, and sealed for those who may change the heartbeat to read its address again.
    """

    origin = "heartbeat"  # its name among the ORIGINS of alerts

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="heartbeats")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="heartbeats")
    name = models.CharField(max_length=80)
    every_s = models.PositiveIntegerField(null=True)
    cron = models.CharField(max_length=100, blank=True, default="")
    timezone = models.CharField(max_length=64, default="UTC")
    grace_s = models.PositiveIntegerField()
    longest_run_s = models.PositiveIntegerField(null=True)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    key_fingerprint = models.CharField(max_length=64, unique=True)
    key_sealed = models.TextField()
    key_made_at = models.DateTimeField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("heartbeat")
        constraints = [
            models.CheckConstraint(
                condition=Q(every_s__isnull=False, cron="") | (Q(every_s__isnull=True) & ~Q(cron="")),
                name="watch_heartbeat_one_schedule",
            ),
            models.CheckConstraint(
                condition=Q(app__isnull=True) | Q(customer__isnull=False), name="watch_heartbeat_app_has_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="watch_heartbeats_of", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def run_limit_s(self) -> int:
        """Seconds within which a run that began must end."""
        return self.grace_s if self.longest_run_s is None else self.longest_run_s


class HeartbeatState(models.Model):
    """What a heartbeat's pings told, and where it stands.

    The front door writes what was told and brings `due_at` forward where that may change where it stands; the engine
    alone writes the rest. `due_at` is when it has to be looked at next, never later than when something may be wrong,
    None when only a ping can change anything. `counted_from` is an instant from which the schedule counts where no
    success is younger. `pings` numbers what is in the history.
    """

    heartbeat = models.OneToOneField(
        "watch.Heartbeat", on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    status = models.CharField(max_length=8, choices=HeartbeatStatus.choices, default=HeartbeatStatus.NEW)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True, default="")
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField(null=True)
    last_ping_at = models.DateTimeField(null=True)
    last_kind = models.CharField(max_length=8, choices=PingKind.choices, blank=True, default="")
    last_rid = models.CharField(max_length=64, blank=True, default="")
    last_ok_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    exit_code = models.PositiveSmallIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    started_rid = models.CharField(max_length=64, blank=True, default="")
    took_s = models.FloatField(null=True)
    pings = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="watch_heartbeat_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.heartbeat_id} {self.status}"


class HeartbeatPing(models.Model):
    """One ping of a heartbeat's last PINGS_KEPT, which take each other's places: `slot` is `number` modulo PINGS_KEPT.

    Pings of one kind in one second are one row that counts them in `repeats`. `body` is the beginning of what was
    sent, `body_bytes` how much that was.
    """

    pk = models.CompositePrimaryKey("heartbeat_id", "slot")
    heartbeat = models.ForeignKey("watch.Heartbeat", on_delete=models.CASCADE, related_name="pings")
    slot = models.SmallIntegerField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=PingKind.choices)
    exit_code = models.PositiveSmallIntegerField(null=True)
    rid = models.CharField(max_length=64, blank=True, default="")
    took_s = models.FloatField(null=True)
    body = models.TextField(blank=True, default="")
    body_bytes = models.PositiveIntegerField(default=0)
    repeats = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class HeartbeatChange(models.Model):
    """One change of where a heartbeat stands, or a new beginning of its count; `since` begins an absence of ours."""

    heartbeat = models.ForeignKey("watch.Heartbeat", on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(db_index=True)
    from_status = models.CharField(max_length=8, choices=HeartbeatStatus.choices)
    to_status = models.CharField(max_length=8, choices=HeartbeatStatus.choices)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    since = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["heartbeat", "-at"], name="watch_heartbeat_change")]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status} {self.at:%F %T}"


class HeartbeatWatch(models.Model):
    """One row: when heartbeats were last looked at, by whichever process. A gap is a time in which none could come."""

    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.looked_at:%F %T}"
