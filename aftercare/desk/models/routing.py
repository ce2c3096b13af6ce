"""Who takes which tickets, which ticket waits for whom, and what was handed on."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Tier(models.IntegerChoices):
    """The lines of support; the last is whoever builds the product."""

    FIRST = 1, _("tier 1")
    SECOND = 2, _("tier 2")
    RD = 3, _("R&D")


class AgentProfile(models.Model):
    """What one of the provider's people takes. Empty languages, scenarios: any. Without a profile nothing is routed.

    `capacity` is how many tickets may wait for this person's answer at once.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent_profile")
    languages: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    skills: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    scenarios: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    tiers: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    capacity = models.PositiveSmallIntegerField(_("tickets at once"), default=6)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)


class ExpertPlace(models.TextChoices):
    EXPERT = "expert", _("named expert")
    DEPUTY = "deputy", _("deputy")


class CustomerExpert(models.Model):
    """The person who knows a customer, and who stands in for them."""

    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, related_name="experts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="expert_of")
    place = models.CharField(max_length=8, choices=ExpertPlace.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "place"], name="desk_expert_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.place} {self.user_id}"


class Routing(models.Model):
    """Where a ticket stands with us: its tier, what it asks of a person, and since when nobody has it.

    `waiting_since` is since when the customer waits (or, of a hand-over, we do) while nobody has it; None: somebody has
    it, or it is settled. `urgency` 0 goes before 1. `passed_over` are people (primary keys) who had it and let
    it lie; it does not go to them again by itself.
    """

    ticket = models.OneToOneField("desk.Ticket", on_delete=models.CASCADE, related_name="routing")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, default=Tier.FIRST)
    language = models.CharField(max_length=16)
    skill = models.CharField(max_length=40, blank=True)
    urgency = models.PositiveSmallIntegerField(default=1)
    waiting_since = models.DateTimeField(null=True)
    passed_over: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(
                fields=["urgency", "waiting_since", "id"],
                condition=Q(waiting_since__isnull=False),
                name="desk_routing_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.tier}"


class AssignmentEnd(models.TextChoices):
    HANDED_ON = "handed_on", _("handed on")
    SETTLED = "settled", _("settled")
    GIVEN_BACK = "given_back", _("given back: no word in half of the time")


class Assignment(models.Model):
    """A ticket with a person, and why this one. `give_back_at` is when silence returns it to the queue."""

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The sentence's name and what it needs (`routing.words`); people who took it themselves have "claimed".
    why = models.CharField(max_length=20)
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField()
    give_back_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=AssignmentEnd.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(ended_at__isnull=True), name="desk_assignment_one_open"
            )
        ]
        indexes = [
            models.Index(
                fields=["give_back_at"],
                condition=Q(ended_at__isnull=True, give_back_at__isnull=False),
                name="desk_assignment_due",
            ),
            models.Index(fields=["user", "-at"], name="desk_assignment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.user_id} {self.why}"


class HandOver(models.Model):
    """A ticket passed up a tier with what was tried, until it comes back with an answer."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="hand_overs")
    from_tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    to_tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    reason = models.TextField()
    tried = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "at"], name="desk_hand_over_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.from_tier}→{self.to_tier}"
