"""What an engineer asks for first: the fields, and a user's SDK log."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Fact(models.TextChoices):
    """What this trade needs to know before it can look."""

    APP_ID = "app_id", _("app id")
    ROOM = "room", _("room or stream")
    USER = "user", _("user id")
    TIME = "time", _("when")
    SDK_VERSION = "sdk_version", _("SDK version")
    DEVICE = "device", _("device")
    NETWORK = "network", _("network")


class TicketFact(models.Model):
    """One field of a ticket, and where it is from: the customer's answer, or a session that was found."""

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=12, choices=Fact.choices)
    value = models.CharField(max_length=200)
    session = models.CharField(max_length=128, blank=True)  # "" where a person told it
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "field"], name="desk_fact_once")]

    def __str__(self) -> str:
        return f"{self.field} {self.value}"


class FieldRequest(models.Model):
    """The fields that somebody of ours asked the customer for; answered by a small form in the ticket."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="field_requests")
    fields: "models.JSONField[list[str], list[str]]" = models.JSONField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(answered_at__isnull=True), name="desk_field_request_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {', '.join(self.fields)}"


class LogState(models.TextChoices):
    ASKED = "asked", _("asked")
    SENT = "sent", _("sent to the device")
    UPLOADED = "uploaded", _("uploaded")
    ANALYSED = "analysed", _("analysed")
    REFUSED = "refused", _("refused")
    EXPIRED = "expired", _("expired")


OPEN_LOGS = (LogState.ASKED, LogState.SENT, LogState.UPLOADED)


class LogRequest(models.Model):
    """A request for one end user's SDK log, from asking to what was found in it.

    `user_hash` is the end user as telemetry keeps them; `user_told` is what people read, gone when the user is erased.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="log_requests")
    user_told = models.CharField(max_length=128)
    user_hash = models.CharField(max_length=32)
    state = models.CharField(max_length=10, choices=LogState.choices, default=LogState.ASKED)
    note = models.CharField(max_length=500, blank=True)
    file = models.ForeignKey("desk.Attachment", on_delete=models.SET_NULL, null=True, related_name="+")
    history: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)  # [state, ISO time, name]
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state__in=("asked", "sent")), name="desk_log_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.state}"
