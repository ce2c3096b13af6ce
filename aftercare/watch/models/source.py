"""A source: somebody else's monitoring that tells us its alerts, and the keys of its address."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref
from aftercare.watch.models.place import Placed


class SourceKind(models.TextChoices):
    """Whose format a source speaks."""

    ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")
    GRAFANA = "grafana", _("Grafana")
    NIGHTINGALE = "nightingale", _("Nightingale")
    ZABBIX = "zabbix", _("Zabbix")
    ALIYUN = "aliyun", _("Aliyun CloudMonitor")
    TENCENT = "tencent", _("Tencent Cloud monitoring")
    JSON = "json", _("Any JSON, by a mapping")


class AlertSource(Placed, models.Model):
    """One address that takes alerts; of a customer, perhaps of one app, or of nobody: the provider's own systems.

    `mapping` says how to read the JSON of a source of kind JSON (`outside.mapping`). `severities` maps what the source
    calls a severity, in small letters, to red, warning or ignored; what it does not name goes by the kind's own table.
    An alert that nothing more is told of closes by itself after `silent_after_s` seconds; None: never.
    `last_said_at` is when it last said anything that could be read.
    """

    origin = "source"  # its name among the ORIGINS of alerts

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="alert_sources")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="alert_sources")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=SourceKind.choices)
    mapping: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    severities: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict, blank=True)
    silent_after_s = models.PositiveIntegerField(null=True)
    last_said_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("alert source")
        constraints = [
            models.CheckConstraint(
                condition=Q(app__isnull=True) | Q(customer__isnull=False), name="watch_source_app_has_customer"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """A secret in a source's address: its fingerprint alone is kept. One that was rotated works until `expires_at`."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="keys")
    prefix = models.CharField(max_length=8)
    fingerprint = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"al_{self.prefix}…"


class Refusal(models.Model):
    """A payload of a source that could not be read, or not in full, with the reason; the newest few are kept."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="refusals")
    at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    reason_zh = models.CharField(max_length=500, blank=True)
    payload = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["source", "-at"], name="watch_refusal_newest")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.at:%F %T}"

    @property
    def display_reason(self) -> str:
        """The reason in the reader's language."""
        return in_readers_language(self.reason, self.reason_zh)
