"""A probe's target: something of one app that agents look at, again and again, as a viewer would."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class ProbeKind(models.TextChoices):
    """What an agent does with the address."""

    HLS = "hls", _("Play HLS")
    FLV = "flv", _("Play HTTP-FLV")
    RTMP = "rtmp", _("Play RTMP")
    WHEP = "whep", _("Play WebRTC (WHEP)")
    WHIP = "whip", _("Push WebRTC (WHIP)")
    RTMP_PUSH = "rtmp_push", _("Push RTMP")
    SRT_PUSH = "srt_push", _("Push SRT")
    HTTP_API = "http_api", _("Ask an HTTP API")
    DNS = "dns", _("Resolve a name (DNS)")
    CERTIFICATE = "certificate", _("Certificate expiry")
    DOMAIN = "domain", _("Domain expiry")


class ProbeTarget(models.Model):
    """`address` is a URL, or a host name where the kind wants one; `expectations` as `probes.checks` lets them be.

    A deleted target stays, for what is stored of its runs.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="probe_targets")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, related_name="probe_targets")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=ProbeKind.choices)
    address = models.CharField(max_length=500)
    every_s = models.PositiveIntegerField()
    expectations: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("probe target")
        indexes = [models.Index(fields=["app"], name="watch_probes_of_app", condition=models.Q(deleted_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
