"""The green channel: an emergency that a customer declared, and each time somebody pressed for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.desk.models.ticket import Way


class PageWish(models.TextChoices):
    """What still has to happen to the emergency's page; carried out by the engine (see `engine.emergencies`)."""

    NONE = ""
    ACKNOWLEDGE = "take"
    CLOSE = "close"


class Emergency(models.Model):
    """One war room: its thread is the ticket's, its page is about the ticket.

    `answered_at` is when the first human of ours acknowledged or spoke. Once it is graded down it is an ordinary
    ticket, and the next call opens a new emergency.
    """

    ticket = models.OneToOneField("desk.Ticket", on_delete=models.CASCADE, related_name="emergency")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    woken_at = models.DateTimeField()  # the last time that a call woke somebody
    is_unattended = models.BooleanField(default=False)  # nobody was on call when it was opened
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    downgraded_at = models.DateTimeField(null=True)
    downgraded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    downgrade_reason = models.CharField(_("reason"), max_length=500, blank=True)
    page_wish = models.CharField(max_length=8, choices=PageWish.choices, default=PageWish.NONE, blank=True)
    wish_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("emergency")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="desk_emergency_newest"),
            models.Index(fields=["id"], condition=~Q(page_wish=""), name="desk_emergency_wish"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.opened_at:%F %T}"


class EmergencyCall(models.Model):
    """One press of the button, whatever the way; `token` is the caller's own, so that pressing twice counts once."""

    emergency = models.ForeignKey(Emergency, on_delete=models.CASCADE, related_name="calls")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=Way.choices)
    token = models.CharField(max_length=64, null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey("desk.Contact", on_delete=models.PROTECT, null=True, related_name="+")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="+")
    # Who of ours raised it in the name of a caller on the phone.
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    is_waking = models.BooleanField(default=True)  # whether it woke somebody, or joined what was going on

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["customer", "token"], name="desk_call_once")]
        indexes = [models.Index(fields=["customer", "-at"], name="desk_call_newest")]

    def __str__(self) -> str:
        return f"{self.way} {self.at:%F %T}"
