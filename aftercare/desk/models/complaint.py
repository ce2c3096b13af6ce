"""What the customers' own users complain of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ComplaintWay(models.TextChoices):
    API = "api", _("API")
    CSV = "csv", _("CSV")


class Complaint(models.Model):
    """One complaint of an end user (用户客诉), once by the customer's own id.

    `user_hash` is the end user as telemetry keeps them. After an erasure the row stays, without user and words, so that
    the count of that minute stays true.
    """

    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, related_name="complaints")
    external_id = models.CharField(max_length=128)
    at = models.DateTimeField()
    user_hash = models.CharField(max_length=32, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    stream = models.CharField(max_length=128, blank=True)
    words = models.CharField(max_length=2000, blank=True)
    way = models.CharField(max_length=4, choices=ComplaintWay.choices)
    received_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "external_id"], name="desk_complaint_once")]
        indexes = [
            models.Index(fields=["app", "at"], name="desk_complaint_time"),
            models.Index(fields=["customer", "user_hash"], name="desk_complaint_user"),
        ]

    def __str__(self) -> str:
        return f"{self.app_id} {self.at:%F %T}"
