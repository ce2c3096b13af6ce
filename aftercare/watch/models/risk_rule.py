"""A rule of what runs out, and the figures that people tell it by hand."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.watch.models.place import Placed


class RiskKind(models.TextChoices):
    """What runs out."""

    CERTIFICATE = "certificate", _("Certificate")
    DOMAIN = "domain", _("Domain")
    LICENCE = "licence", _("Licence")
    CONCURRENCY = "concurrency", _("Concurrency ceiling")
    QUOTA = "quota", pgettext_lazy("risk", "Quota")
    BALANCE = "balance", pgettext_lazy("risk", "Balance")
    DISK = "disk", _("Disk")
    SDK_END = "sdk_end", _("SDK end of life")
    OTHER = "other", pgettext_lazy("risk", "Something else")


class RiskSource(models.TextChoices):
    """Where it is known from: what probes saw, a metric held against a limit, a date or figures set by hand, or the
    sessions that still run an SDK version whose end is known.
    """

    PROBES = "probes", _("What probes see")
    METRIC = "metric", _("A metric and its limit")
    DATE = "date", _("A date set by hand")
    FIGURES = "figures", _("Figures set by hand and their limit")
    SDK = "sdk", _("An SDK version and its end of life")


# A forecast, not a date that somebody has written down.
FORECAST = (RiskSource.METRIC, RiskSource.FIGURES)


class RiskRule(Placed, models.Model):
    """What is looked at, and how early it counts. Without a customer it is the provider's own: of probes and of SDK
    versions it looks at every customer's, and what it finds is that customer's.

    `lead_days` descends: found within the first, red within the last. `limit` is reached from below, from above where
    `falls`; `metric` is a key of the catalog or of a measurement. `due_at` is when it is looked at next, None once
    deleted; `seen` is what the last look said of each cause (`runs_out_at`, `measured`), `is_known` whether it said
    anything. `builtin` names the rules that every installation starts with. `edited_at` tells a look that was under
    way that its answer is to another question.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    builtin = models.CharField(max_length=16, unique=True, null=True, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="risk_rules")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="risk_rules")
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=RiskKind.choices)
    source = models.CharField(max_length=8, choices=RiskSource.choices)
    lead_days: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    expires_on = models.DateField(null=True)
    sdk_version = models.CharField(max_length=64, blank=True, default="")
    metric = models.CharField(max_length=210, blank=True, default="")
    filters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict, blank=True)
    limit = models.FloatField(null=True)
    falls = models.BooleanField(default=False)
    unit = models.CharField(max_length=70, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    is_known = models.BooleanField(default=False)
    seen: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rule of what runs out")
        constraints = [
            models.CheckConstraint(
                condition=Q(app__isnull=True) | Q(customer__isnull=False), name="watch_risk_rule_app_has_customer"
            ),
            models.CheckConstraint(
                condition=Q(source__in=FORECAST, limit__isnull=False, expires_on__isnull=True)
                | Q(source__in=("date", "sdk"), limit__isnull=True, expires_on__isnull=False)
                | Q(source="probes", limit__isnull=True, expires_on__isnull=True),
                name="watch_risk_rule_by_source",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="watch_risk_rule_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["customer"], name="watch_risk_rules_of", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_forecast(self) -> bool:
        """Whether when it runs out is worked out of figures."""
        return self.source in FORECAST


class RiskReading(models.Model):
    """A figure that somebody told a rule: a balance, a quota's use. Told again for one instant it is the newer one."""

    rule = models.ForeignKey("watch.RiskRule", on_delete=models.CASCADE, related_name="readings")
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "at"], name="watch_risk_reading_once")]

    def __str__(self) -> str:
        return f"{self.value} {self.at:%F %T}"
