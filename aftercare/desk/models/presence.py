"""When people of the provider's were at the desk: recorded intervals, since online hours are a published figure."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PresenceState(models.TextChoices):
    """Somebody without an open interval is off."""

    ON = "on", _("on")
    AWAY = "away", _("away")


class PresenceInterval(models.Model):
    """One person in one state, from its first to its last second; open while `ended_at` is empty.

    `seen_at` is the last sign of life of the person's console: where the signs end, the interval ends with them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence")
    state = models.CharField(max_length=8, choices=PresenceState.choices)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at__isnull=True), name="desk_presence_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="desk_presence_ends_after_its_start",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "started_at"], name="desk_presence_of_user"),
            models.Index(fields=["seen_at"], condition=Q(ended_at__isnull=True), name="desk_presence_open"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state} {self.started_at:%F %T}"
