"""The provider's own infrastructure, whom it serves, and the work on end users' data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.clock import utc_now
from aftercare.kernel.ids import new_ref


class Resource(models.Model):
    """A piece of the provider's infrastructure. Sessions name it by `name`; its key's `resource_ref` is its ref."""

    class Kind(models.TextChoices):
        """What it is."""

        REGION = "region", _("Region")
        EDGE = "edge", _("Edge node")
        CLUSTER = "cluster", _("Cluster")
        CDN_DOMAIN = "cdn_domain", _("CDN domain")
        API_SERVICE = "api_service", _("API service")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=128)
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        verbose_name = _("resource")
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="resource_named_once")]

    def __str__(self) -> str:
        return self.name


class ResourceServes(models.Model):
    """A resource serves a customer, or one app of it; by hand, or learnt from what sessions reported."""

    class Source(models.TextChoices):
        """How it is known."""

        HAND = "hand", _("By hand")
        LEARNT = "learnt", _("Learnt")

    resource = models.ForeignKey("telemetry.Resource", on_delete=models.CASCADE, related_name="serves")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, related_name="+")
    app = models.ForeignKey("accounts.App", null=True, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=6, choices=Source.choices)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("served customer")
        ordering = ["customer__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "customer", "app"], nulls_distinct=False, name="resource_serves_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} → {self.customer_id}/{self.app_id}"


class MapReading(models.Model):
    """When the resource map last learnt from sessions: one row, so that one process reads at a time."""

    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reading of the resource map")

    def __str__(self) -> str:
        return f"{self.read_at}"


class UserDataJob(models.Model):
    """The work on one request about an end user's data, done day by day; `days` are those still to do."""

    request = models.OneToOneField("accounts.DataRequest", on_delete=models.PROTECT, related_name="telemetry_job")
    days = models.JSONField(null=True)
    rows = models.PositiveBigIntegerField(default=0)
    written_bytes = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("work on a user's data")
        ordering = ["id"]
        indexes = [models.Index(fields=["finished_at", "next_try_at"], name="user_data_job_due")]

    def __str__(self) -> str:
        return f"{self.request_id}"
