"""What keeps an alert from calling somebody: silences, rules of inhibition, what was held back, what flaps."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Silence(models.Model):
    """Alerts that nobody is called for between two instants, chosen and explained by somebody; it always ends.

    `match` is a `noise.matching.Match` as JSON and never changes; `ends_at` may. Warnings are held, red alerts only
    where `holds_red` was ticked. `told_at` is when its end, and what it held, was told: once.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    reason = models.CharField(max_length=300)
    match: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    holds_red = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=32, null=True, unique=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["ends_at"], name="silence_untold", condition=Q(told_at__isnull=True)),
            models.Index(fields=["-ends_at"], name="silence_newest"),
        ]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gte=models.F("starts_at")), name="silence_ends")]

    def __str__(self) -> str:
        return self.reason


class InhibitionRule(models.Model):
    """While an alert that fits `source` calls people, alerts that fit `target` and share `same` with it wait.

    `same` is "customer", "app", or the name of a label. Both sides are a `noise.matching.Match` as JSON.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(max_length=120)
    source: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    target: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    same = models.CharField(max_length=100)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class HeldFor(models.TextChoices):
    """Why nobody was called for an alert when it opened."""

    SILENCE = "silence", _("silenced")
    INHIBITED = "inhibited", _("another alert stands for it")
    MAINTENANCE = "maintenance", _("maintenance")
    FLAPPING = "flapping", _("goes on and off")


class Outcome(models.TextChoices):
    """What became of an alert that was held back; empty while it is."""

    JOINED = "joined", _("went on to an incident")
    OVER = "over", _("over before anybody was called")


class HeldBack(models.Model):
    """An alert that opened nothing when it opened; there is one for each such alert, for ever: nothing is dropped.

    While `outcome` is empty it is held: by a `silence` or the window of a `change` until that ends, for a `parent` of a
    `rule` until that closes; then, or at `due_at`, it is looked at again. `retry_at` puts off one that could not be
    released. One that flaps goes to its incident at once and calls nobody: it is never held.
    `silences` are all that ever held it: what a silence tells at its end is exact whatever came after it.
    """

    alert = models.OneToOneField("watch.Alert", on_delete=models.PROTECT, related_name="held")
    reason = models.CharField(max_length=12, choices=HeldFor.choices)
    silence = models.ForeignKey(Silence, on_delete=models.PROTECT, null=True, related_name="holds_now")
    silences = models.ManyToManyField(Silence, related_name="held")
    rule = models.ForeignKey(InhibitionRule, on_delete=models.PROTECT, null=True, related_name="held")
    parent = models.ForeignKey("watch.Alert", on_delete=models.PROTECT, null=True, related_name="held_for_it")
    change = models.ForeignKey("incidents.Change", on_delete=models.PROTECT, null=True, related_name="held")
    held_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["retry_at", "id"], name="held_back_now", condition=Q(outcome="")),
            models.Index(fields=["-held_at"], name="held_back_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.reason}"


class Flap(models.Model):
    """An incident whose alert goes on and off: it ends once it has been quiet, not each time the alert closes.

    `alert` is the one by which it was noticed, `times` how often it opened since `since_at`. `quiet_at` is when the
    incident ends if nothing opens until then; None while something is open, and once it is over (`over_at`).
    """

    incident = models.OneToOneField("incidents.Incident", on_delete=models.CASCADE, related_name="flap")
    alert = models.ForeignKey("watch.Alert", on_delete=models.PROTECT, related_name="+")
    times = models.PositiveIntegerField()
    since_at = models.DateTimeField()
    last_at = models.DateTimeField()
    quiet_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=12, blank=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["quiet_at"], name="flap_quiet", condition=Q(quiet_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.incident_id} ×{self.times}"
