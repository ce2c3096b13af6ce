"""Test calls: whether somebody who may be woken is really reached."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.notify.models import Channel


class TrialState(models.TextChoices):
    """Where a test call stands."""

    PLANNED = "planned", pgettext_lazy("test call", "Planned")
    CALLED = "called", pgettext_lazy("test call", "Under way")
    ANSWERED = "answered", pgettext_lazy("test call", "Answered")
    UNANSWERED = "unanswered", pgettext_lazy("test call", "Not answered")
    FAILED = "failed", pgettext_lazy("test call", "Did not arrive")
    LEFT_OUT = "left_out", pgettext_lazy("test call", "Left out")


class TrialCall(models.Model):
    """One person's test call of one month (its first day, by their own calendar).

    `due_at` is when it is made while PLANNED, and until when an answer counts while CALLED. `reason` says why it did
    not arrive or was left out, a msgid with the vendor's detail behind it. An answer that came late is kept in
    `answered_at`, and the call stays unanswered.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    state = models.CharField(max_length=12, choices=TrialState.choices, default=TrialState.PLANNED)
    due_at = models.DateTimeField()
    channel = models.CharField(max_length=16, choices=Channel.choices, blank=True)
    address = models.CharField(max_length=500, blank=True)
    delivery = models.OneToOneField("notify.Delivery", on_delete=models.SET_NULL, null=True, related_name="+")
    called_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("test call")
        ordering = ["-month", "due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["planned", "called"]), name="trial_due"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "month"], name="trial_once_a_month")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.month:%Y-%m}"

    @property
    def channel_name(self) -> str:
        """The way it went, in the reader's language."""
        return str(Channel(self.channel).label) if self.channel else ""
