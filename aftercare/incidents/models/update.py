"""What customers are told while something is broken, and to whom it went."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class Stage(models.TextChoices):
    """How far the work was when an update was written."""

    INVESTIGATING = "investigating", _("Investigating")
    IDENTIFIED = "identified", _("Cause found")
    MITIGATED = "mitigated", _("Effect stopped")
    MONITORING = "monitoring", _("Watching the recovery")
    RESOLVED = "resolved", _("Over")


class Update(models.Model):
    """One update of an incident, in both languages, to every customer that it touched when it was written.

    `next_due_at` is when the next one was promised in it. `token` is the form's own: pressing twice is one update.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="updates")
    number = models.PositiveIntegerField()
    stage = models.CharField(_("stage"), max_length=14, choices=Stage.choices)
    body = models.TextField(_("English"))
    body_zh = models.TextField(_("Chinese"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=32)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="update_number_once"),
            models.UniqueConstraint(fields=["incident", "token"], name="update_pressed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} #{self.number}"

    @property
    def words(self) -> str:
        """The text in the reader's language."""
        return in_readers_language(self.body, self.body_zh)


class Telling(models.Model):
    """One customer that an update is for; `told_at` is set with the messages in its tickets, in one transaction.

    `due_at` is when a telling that failed is tried again, `reason` why it did.
    """

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="tellings")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update", "customer"], name="told_customer_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(told_at__isnull=True), name="telling_due")]

    def __str__(self) -> str:
        return f"{self.update_id} {self.customer_id}"


class UpdateTemplate(models.Model):
    """A text for updates that the provider keeps; names are given once among those that are not removed."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(max_length=80)
    stage = models.CharField(max_length=14, choices=Stage.choices)
    body = models.TextField()
    body_zh = models.TextField()
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(removed_at=None), name="update_template_named_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def display_body(self) -> str:
        """The text in the reader's language."""
        return in_readers_language(self.body, self.body_zh)
