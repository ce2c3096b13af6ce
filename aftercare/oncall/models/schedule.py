"""Who is on call when: schedules as versioned documents, and what many people change about them at once."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref
from aftercare.oncall.roster.schedules import Kind


class Schedule(models.Model):
    """What holds now: `document` is what `roster.document.read_schedule` reads, people by their ref (decision 0013)."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    document: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    # When the engine looks for the next change of people; a change of the schedule brings it forward.
    look_at = models.DateTimeField(db_default=Now(), db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("schedule")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class ScheduleVersion(models.Model):
    """What a schedule said from `at` on, until the next version."""

    schedule = models.ForeignKey("oncall.Schedule", on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    document: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    actor = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["schedule", "version"], name="schedule_version_once")]

    def __str__(self) -> str:
        return f"{self.schedule_id} v{self.version}"


class ChangeKind(models.TextChoices):
    """What a change does to whoever holds."""

    INSTEAD = Kind.INSTEAD.value, _("holds alone")
    REPLACE = Kind.REPLACE.value, _("stands in for")
    ADD = Kind.ADD.value, _("joins")
    REMOVE = Kind.REMOVE.value, _("is free")


class Change(models.Model):
    """For a while the schedule is otherwise; of overlapping changes the later sees what the earlier left.

    `user` is who steps in, or who is free (REMOVE); `replaced` is for whom (REPLACE). `is_imported` are those that a
    calendar from elsewhere brought: what it no longer has can be taken away again.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    schedule = models.ForeignKey("oncall.Schedule", on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(_("what"), max_length=8, choices=ChangeKind.choices, default=ChangeKind.INSTEAD)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    replaced = models.ForeignKey("accounts.User", null=True, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    is_imported = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("change of a schedule")
        ordering = ["id"]
        indexes = [models.Index(fields=["schedule", "ends_at"], name="change_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="change_has_length"),
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.REPLACE, replaced__isnull=False)
                | (~Q(kind=ChangeKind.REPLACE) & Q(replaced__isnull=True)),
                name="change_replaces_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class CustomerSchedule(models.Model):
    """A customer whose pages begin with a schedule of their own; what the policy says comes after it."""

    customer = models.OneToOneField("accounts.Customer", on_delete=models.CASCADE, related_name="+")
    schedule = models.ForeignKey("oncall.Schedule", on_delete=models.CASCADE, related_name="customers")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.schedule_id}"


class Swap(models.Model):
    """Somebody asks for another to take their time; whoever takes it stands in by `change`.

    Withdrawn ones stay as the record of what was asked.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    schedule = models.ForeignKey("oncall.Schedule", on_delete=models.CASCADE, related_name="swaps")
    asked_by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    asked_at = models.DateTimeField()
    taken_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    change = models.OneToOneField("oncall.Change", null=True, on_delete=models.SET_NULL, related_name="swap")

    class Meta:
        verbose_name = _("swap")
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="swap_has_length")]

    def __str__(self) -> str:
        return self.ref


class Feed(models.Model):
    """A private address of a calendar: of a schedule, or of one person's own time on all schedules.

    Only the address's digest is kept; whoever owns it may take it back.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    owner = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    schedule = models.ForeignKey("oncall.Schedule", null=True, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar address")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.ref
