"""Who does what while something is broken, and what is to be done."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody answers for while an incident lasts."""

    COMMANDER = "commander", _("Commander")
    COMMUNICATOR = "communicator", _("Communicator")
    SCRIBE = "scribe", _("Scribe")


class Participant(models.Model):
    """Somebody in a role, from when until when; each role has one at a time."""

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="participants")
    role = models.CharField(max_length=14, choices=Role.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["from_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "role"], condition=Q(until_at__isnull=True), name="role_has_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.role} {self.user_id}"


class Task(models.Model):
    """Something to do about an incident; `done_at` when it was."""

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(_("what"), max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title
