"""Calendars, and the clocks that run by them."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.clocks.types import Pause, Policy, Step, hours_of
from aftercare.kernel.ids import new_ref


class Calendar(models.Model):
    """Opening hours with a name. `week` is seven lists of [first second, end second]; Monday first."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    week: "models.JSONField[list[Any], list[Any]]" = models.JSONField()
    # ISO 3166 of the public holidays (and make-up working days) that it follows; empty follows none.
    country = models.CharField(_("public holidays of"), max_length=2, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("calendar")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="clocks_one_default")
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, self.name_zh)


class CalendarDay(models.Model):
    """A date on which a calendar differs from its week and from its country's holidays: people's word is the last."""

    calendar = models.ForeignKey("clocks.Calendar", on_delete=models.CASCADE, related_name="special_days")
    day = models.DateField(_("date"))
    blocks: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    label = models.CharField(_("why"), max_length=120)

    class Meta:
        verbose_name = _("special day")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="clocks_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.label}"


class ClockState(models.TextChoices):
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    STOPPED = "stopped", _("stopped")
    CANCELLED = "cancelled", _("cancelled")


GOING = (ClockState.RUNNING, ClockState.PAUSED)


class Clock(models.Model):
    """One promise being kept or broken, about `subject_ref`; `kind` says which promise and belongs to who started it.

    `policy` is a snapshot: later changes of plans and calendars do not touch a clock that runs. `next_step_at` is the
    next thing that has to happen; a running clock whose steps are all taken has none.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    kind = models.CharField(max_length=40)
    subject_ref = models.CharField(max_length=40)
    customer = models.ForeignKey("accounts.Customer", null=True, on_delete=models.CASCADE, related_name="+")
    policy: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    state = models.CharField(max_length=10, choices=ClockState.choices, default=ClockState.RUNNING)
    started_at = models.DateTimeField()
    pauses: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    steps_taken = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    spent_s = models.FloatField(null=True)
    # Why it was cancelled, in the words of whoever did, untranslated; empty where what it promised just was not owed.
    end_reason = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("clock")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_ref"], condition=Q(state__in=GOING), name="clocks_one_going"
            )
        ]
        indexes = [
            models.Index(fields=["next_step_at"], condition=Q(state="running"), name="clocks_step_due"),
            models.Index(fields=["due_at"], condition=Q(state="running"), name="clocks_due"),
            models.Index(fields=["subject_ref"], name="clocks_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_ref}"

    def held_to(self) -> Policy:
        """The policy it was started with."""
        return policy_of(self.policy)

    def paused(self) -> list[Pause]:
        """Its pauses, oldest first; an open one is the last."""
        return [
            Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None, reason)
            for start, end, reason in self.pauses
        ]


def policy_as_json(policy: Policy) -> dict[str, Any]:
    """For a clock's snapshot."""
    return {
        "target_s": policy.target_s,
        "hours": policy.hours.as_json(),
        "steps": [[step.percent, step.name] for step in policy.steps],
        "label": policy.label,
    }


def policy_of(kept: dict[str, Any]) -> Policy:
    """A policy out of a snapshot."""
    steps = tuple(Step(percent, name) for percent, name in kept["steps"])
    return Policy(kept["target_s"], hours_of(kept["hours"]), steps, kept.get("label", ""))
