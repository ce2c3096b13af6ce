"""In which order who is woken, which pages go by which order, and who is told when it takes too long."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref
from aftercare.notify.models import Channel


class Target(models.TextChoices):
    """What a step wakes; a room and a webhook are spoken to, and nobody wakes by them."""

    SCHEDULE = "schedule", _("Schedule")
    PERSON = "person", _("Person")
    ROOM = "room", _("Group chat")
    WEBHOOK = "webhook", _("Webhook")


SPOKEN_TO = (Target.ROOM, Target.WEBHOOK)


class EscalationPolicy(models.Model):
    """In which order who is woken: `steps` is `[{"kind": Target, "ref": ref, "delay_s": seconds to wait then}, …]`.

    After the last step all of it runs `repeat` times more, None for ever. Open pages keep the version they started
    with.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    steps: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    repeat = models.PositiveSmallIntegerField(_("repeat"), null=True, default=2)
    version = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("escalation policy")
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_policy")
        ]

    def __str__(self) -> str:
        return self.name


class PolicyRule(models.Model):
    """Which policy a page goes by: of one customer or of all, of one severity or of both (empty)."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", null=True, on_delete=models.CASCADE, related_name="+")
    severity = models.CharField(max_length=8, blank=True)
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, related_name="rules")

    class Meta:
        verbose_name = _("rule for pages")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "severity"], name="one_rule_for_a_page", nulls_distinct=False),
            models.CheckConstraint(condition=Q(customer__isnull=False) | ~Q(severity=""), name="rule_is_about_some"),
        ]

    def __str__(self) -> str:
        return self.ref


class Room(models.Model):
    """Where a step speaks to many: a group of a chat by the provider's account there, or a program's webhook.

    A webhook has an account of its own, which holds the secret that it is signed with.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    account = models.ForeignKey("notify.Account", on_delete=models.PROTECT, related_name="+")
    address = models.CharField(_("address"), max_length=500)
    language = models.CharField(_("language"), max_length=16, default="zh-hans")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("room")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> Target:
        """As what a step names it."""
        return Target.WEBHOOK if self.account.channel == Channel.WEBHOOK else Target.ROOM


class Until(models.TextChoices):
    """What spares somebody the word that a page takes too long."""

    ACKNOWLEDGED = "acknowledged", _("nobody has it")
    OVER = "over", _("it is not over")


class ManagementRung(models.Model):
    """Who is told so many minutes after a page began, where by then nobody has it, or it is not over."""

    minutes = models.PositiveSmallIntegerField(_("minutes"))
    severity = models.CharField(_("severity"), max_length=8)
    until = models.CharField(_("where"), max_length=12, choices=Until.choices, default=Until.ACKNOWLEDGED)
    title = models.CharField(_("as"), max_length=40, blank=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("management escalation")
        ordering = ["severity", "minutes", "id"]
        constraints = [
            models.UniqueConstraint(fields=["severity", "minutes", "user"], name="one_management_rung"),
        ]

    def __str__(self) -> str:
        return f"{self.severity} {self.minutes} min"
