"""What keeps tickets from being forgotten or answered twice: reminders, who has one open; and moves."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from aftercare.kernel.ids import new_ref


class Reminder(models.Model):
    """Somebody wants to be reminded of a ticket at `due_at`."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="desk_reminder_due")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.due_at:%F %T}"


class Look(models.Model):
    """Somebody of ours has a ticket open; it expires by itself when the page stops saying so."""

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="looks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    typed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="desk_look_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%F %T}"


class MoveKind(models.TextChoices):
    MERGE = "merge"
    SPLIT = "split"


class Move(models.Model):
    """Messages that went from `source` to `target`, because the one was merged into the other or split off it.

    `before` holds what undoing puts back. Undone moves stay as the trace of what happened.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    kind = models.CharField(max_length=5, choices=MoveKind.choices)
    source = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="moves_away")
    target = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="moves_here")
    messages: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    before: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    moved_at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} → {self.target_id}"
