"""Ingest keys: what a player, server or edge node shows to send telemetry."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref

DEFAULT_QUOTA_LINES_PER_S = 20_000


class CallbackSource(models.TextChoices):
    """Vendors whose signed callbacks a key may carry, as their address `/v1/hooks/<vendor>/<key>` names them."""

    AGORA = "agora", _("Agora")
    TENCENT_TRTC = "tencent-trtc", _("Tencent TRTC")
    TENCENT_LIVE = "tencent-live", _("Tencent Live")
    ALIYUN_LIVE = "aliyun-live", _("Aliyun Live")
    ZEGO = "zego", _("ZEGO")
    VOLC_RTC = "volc-rtc", _("Volcengine RTC")
    VOLC_LIVE = "volc-live", _("Volcengine Live")


class IngestKey(models.Model):
    """A key of one app, or of one of the provider's own resources. The secret itself is never stored."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", null=True, on_delete=models.PROTECT, related_name="keys")
    app = models.ForeignKey("accounts.App", null=True, on_delete=models.PROTECT, related_name="keys")
    resource_ref = models.CharField(max_length=64, null=True)
    label = models.CharField(_("label"), max_length=80)
    prefix = models.CharField(max_length=8)
    fingerprint = models.CharField(max_length=64, unique=True)
    user_hash = models.BooleanField(_("hash user identifiers"), default=True)
    quota_lines_per_s = models.PositiveIntegerField(_("quota, lines per second"), default=DEFAULT_QUOTA_LINES_PER_S)
    callback_source = models.CharField(_("callbacks of"), max_length=16, choices=CallbackSource.choices, blank=True)
    callback_secret = models.CharField(
        max_length=120, blank=True
    )  # what the vendor signs with: used, shown never again
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    issued_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ingest key")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, app__isnull=False, resource_ref__isnull=True)
                | Q(customer__isnull=True, app__isnull=True, resource_ref__isnull=False),
                name="key_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(callback_source="", callback_secret="") | ~Q(callback_source="") & ~Q(callback_secret=""),
                name="key_has_callbacks_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"ak_{self.prefix}… {self.label}"
