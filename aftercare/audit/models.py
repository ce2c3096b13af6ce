"""What was done: one row per important write, never changed afterwards (a PostgreSQL trigger refuses it)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One important write. People and customers are kept by number and name, so that the row outlives both."""

    at = models.DateTimeField()
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    actor_role = models.CharField(max_length=16, blank=True)
    customer_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("audit entry")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["customer_id", "-id"], name="audit_by_customer"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.subject}"
