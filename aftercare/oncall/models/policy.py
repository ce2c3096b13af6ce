"""In which order who is woken."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Target(models.TextChoices):
    """What a step wakes."""

    SCHEDULE = "schedule", _("Schedule")
    PERSON = "person", _("Person")


class EscalationPolicy(models.Model):
    """In which order who is woken: `steps` is `[{"kind": Target, "ref": ref, "delay_s": seconds to wait then}, …]`.

    After the last step all of it runs `repeat` times more. Open pages keep the version they started with.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=80)
    steps: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    repeat = models.PositiveSmallIntegerField(_("repeat"), default=2)
    version = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("escalation policy")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_policy")
        ]

    def __str__(self) -> str:
        return self.name
