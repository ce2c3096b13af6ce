"""Calls by phone, and the calls that we owe."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Direction(models.TextChoices):
    IN = "in", _("incoming")
    OUT = "out", _("outgoing")


class CallOutcome(models.TextChoices):
    ANSWERED = "answered", _("answered")
    MISSED = "missed", _("missed")
    ABANDONED = "abandoned", _("hung up while waiting")


class Call(models.Model):
    """One phone call, written down by hand or told by a call centre (`account`, unique by its own id).

    `recording_url` is where the call centre keeps it; it is linked, never fetched.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="calls")
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.SET_NULL, null=True, related_name="calls")
    account = models.ForeignKey("notify.Account", on_delete=models.PROTECT, null=True, related_name="+")
    external_id = models.CharField(max_length=128, null=True)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    number = models.CharField(max_length=32, blank=True)
    outcome = models.CharField(max_length=10, choices=CallOutcome.choices)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    duration_s = models.PositiveIntegerField(default=0)
    recording_url = models.CharField(max_length=500, blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="desk_phone_once")]
        indexes = [models.Index(fields=["-started_at"], name="desk_phone_newest")]

    def __str__(self) -> str:
        return f"{self.direction} {self.started_at:%F %T}"


class ReturnCall(models.Model):
    """Somebody whom we promised to call, by when, and what came of it."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    call = models.ForeignKey("desk.Call", on_delete=models.CASCADE, null=True, related_name="return_calls")
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.SET_NULL, null=True, related_name="return_calls")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=32)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="desk_return_call_open"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.due_at:%F %T}"
