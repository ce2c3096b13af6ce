"""How bad it was, whose it was, and by which rules that is said."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """Grades of incidents (故障定级), the gravest first."""

    ONE = 1, _("Level 1")
    TWO = 2, _("Level 2")
    THREE = 3, _("Level 3")
    FOUR = 4, _("Level 4")


class Party(models.TextChoices):
    """Whose it was (定责)."""

    OURS = "ours", _("ours")
    CUSTOMER = "customer", _("the customer's")
    THIRD = "third", _("a third party's")
    SHARED = "shared", _("shared")
    UNDETERMINED = "undetermined", _("not determined")


class ReviewRules(models.Model):
    """One version of the rules: the last one is in force, and what was judged by an earlier one stays judged by it.

    `grid` is rows of {level, users, minutes}: an incident has the gravest level of which it reaches both figures. Of
    due times: minutes until the first and each following update by severity (0: none is owed), working days until the
    report, hours until a regulator is told (None: no clock), each up to which level it is owed.
    """

    version = models.PositiveIntegerField(unique=True)
    grid: "models.JSONField[list[Any], list[Any]]" = models.JSONField()
    first_red = models.PositiveIntegerField()
    first_warning = models.PositiveIntegerField()
    next_red = models.PositiveIntegerField()
    next_warning = models.PositiveIntegerField()
    report_days = models.PositiveSmallIntegerField()
    report_up_to = models.PositiveSmallIntegerField(choices=Level.choices)
    regulator_hours = models.PositiveIntegerField(null=True)
    regulator_up_to = models.PositiveSmallIntegerField(choices=Level.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"review rules {self.version}"


class Impact(models.Model):
    """What telemetry says of whom an incident hit; one of an incident, reckoned again while it goes on.

    `users` None is unknown, not zero. `by_customer` is rows of {customer, users, sessions, watched}. `level` is what
    the rules of `rules_version` (0: the house's own defaults) make of it, None where users are unknown.
    """

    incident = models.OneToOneField("incidents.Incident", on_delete=models.CASCADE, related_name="impact")
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reckoned_at = models.DateTimeField(null=True)
    users = models.PositiveBigIntegerField(null=True)
    sessions = models.PositiveBigIntegerField(null=True)
    watched = models.PositiveBigIntegerField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    by_customer: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    level = models.PositiveSmallIntegerField(choices=Level.choices, null=True)
    rules_version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="impact_due")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.level}"


class Grading(models.Model):
    """A person's word about the grade; the last one holds. What the machine proposed then is kept beside it."""

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="gradings")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    proposed = models.PositiveSmallIntegerField(choices=Level.choices, null=True)
    users = models.PositiveBigIntegerField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    rules_version = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.level}"


class Responsibility(models.Model):
    """A person's word about whose it was: for `customer`, or for all that have none of their own; the last one holds.

    `shares` is percent by party, adding up to 100, where it is shared; `evidence` is lines of people: alerts, tickets,
    addresses, what was found.
    """

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="responsibilities")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    party = models.CharField(max_length=14, choices=Party.choices)
    shares: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    reason = models.TextField()
    evidence: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.party}"
