"""What to do about a known cause, what was done by it, and practising it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class Runbook(models.Model):
    """Steps for a known cause (预案). `steps` is [{en, zh}], `causes` [{kind, value}]: what it is offered for.

    Each change is a version; a run keeps the steps of the version that it began with.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    title = models.CharField(_("title, in English"), max_length=120)
    title_zh = models.CharField(_("title, in Chinese"), max_length=120, blank=True)
    steps: "models.JSONField[list[Any], list[Any]]" = models.JSONField()
    causes: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        """The title in the reader's language."""
        return in_readers_language(self.title, self.title_zh)


class Drill(models.Model):
    """Practising a runbook (演练): when, by whom, and what came out of it."""

    class Result(models.TextChoices):
        """What came out."""

        PASSED = "passed", _("it worked")
        PARTLY = "partly", _("it worked in part")
        FAILED = "failed", _("it did not work")
        CANCELLED = "cancelled", _("not held")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    runbook = models.ForeignKey(Runbook, on_delete=models.PROTECT, related_name="drills")
    planned_on = models.DateField(_("planned for"))
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    findings = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-planned_on", "-pk"]
        indexes = [
            models.Index(
                fields=["planned_on"], condition=Q(ended_at__isnull=True, reminded_at__isnull=True), name="drill_ahead"
            )
        ]

    def __str__(self) -> str:
        return f"{self.runbook_id} {self.planned_on}"


class Run(models.Model):
    """A runbook gone through, about an incident or in a drill; `steps` as they were when it began."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    runbook = models.ForeignKey(Runbook, on_delete=models.PROTECT, related_name="runs")
    version = models.PositiveIntegerField()
    steps: "models.JSONField[list[Any], list[Any]]" = models.JSONField()
    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, null=True, related_name="runs")
    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, null=True, related_name="runs")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "runbook"], name="run_of_incident_once"),
            models.UniqueConstraint(fields=["drill"], name="run_of_drill_once"),
            models.CheckConstraint(
                condition=Q(incident__isnull=True) ^ Q(drill__isnull=True), name="run_has_one_origin"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.runbook_id} {self.ref}"


class RunStep(models.Model):
    """A step that somebody did."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="done")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="run_step_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"
