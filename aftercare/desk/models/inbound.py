"""What came in, as it came: kept before it is answered, worked on after."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InboundState(models.TextChoices):
    PENDING = "pending", _("waiting")
    DONE = "done", _("done")
    IGNORED = "ignored", _("nothing to do")
    REFUSED = "refused", _("could not be read")
    PARKED = "parked", _("of a chat that nobody has placed")


class Inbound(models.Model):
    """One message, mail or event from outside. A vendor that sends it twice finds it here already.

    `payload` is the vendor's JSON after its signature was checked; `raw` the bytes of a mail.
    """

    account = models.ForeignKey("notify.Account", on_delete=models.CASCADE, related_name="inbound")
    provider_message_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, default="message")
    payload: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    raw = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=InboundState.choices, default=InboundState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    last_error = models.CharField(max_length=500, blank=True)
    message = models.ForeignKey("desk.Message", on_delete=models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField()
    unknown_chat = models.ForeignKey("desk.UnknownChat", on_delete=models.SET_NULL, null=True, related_name="parked")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "provider_message_id"], name="desk_inbound_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="pending"), name="desk_inbound_due"),
            models.Index(fields=["account", "-received_at"], name="desk_inbound_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_message_id}"
