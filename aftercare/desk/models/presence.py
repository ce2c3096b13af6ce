"""Who is here: intervals that are recorded, since hours on duty are a published figure."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PresenceState(models.TextChoices):
    """An open interval says which; without one a person is off."""

    ON = "on", _("on")
    AWAY = "away", _("away")


class PresenceInterval(models.Model):
    """A stretch in which one of the provider's people was on or away; the open one is the present."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence")
    state = models.CharField(max_length=4, choices=PresenceState.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at__isnull=True), name="desk_presence_one_open")
        ]
        indexes = [models.Index(fields=["started_at"], name="desk_presence_time")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state} {self.started_at:%F %T}"
