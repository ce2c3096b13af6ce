"""The provider's own infrastructure, whom it serves, what is scraped, and the work on end users' data."""

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


class ScrapeTarget(models.Model):
    """An exporter that is pulled every `interval_s` seconds for an app, or for one of the provider's resources.

    `revision` changes with every edit, so that a pull of the old address says nothing of the new one. `secret` is the
    bearer token or the password, sealed. Of its state `trouble` is a msgid, put into the reader's words when shown.
    """

    class Auth(models.TextChoices):
        """How the target knows us."""

        NONE = "", _("None")
        BEARER = "bearer", _("Bearer token")
        BASIC = "basic", _("User name and password")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    app = models.ForeignKey("accounts.App", null=True, on_delete=models.PROTECT, related_name="scrape_targets")
    resource = models.ForeignKey("telemetry.Resource", null=True, on_delete=models.PROTECT, related_name="targets")
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=500)
    interval_s = models.PositiveIntegerField(_("interval"))
    timeout_s = models.PositiveIntegerField(_("timeout"))
    auth = models.CharField(max_length=6, choices=Auth.choices, default=Auth.NONE, blank=True)
    username = models.CharField(max_length=120, blank=True)
    secret = models.TextField(blank=True)
    labels: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(editable=False)
    paused_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    """When somebody asked for a pull out of turn; until that pull is over."""
    pulled_at = models.DateTimeField(null=True)
    up_since = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_detail = models.CharField(max_length=200, blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    samples = models.PositiveIntegerField(null=True)
    refused = models.PositiveIntegerField(default=0)
    seen: "models.JSONField[list[list[str]], list[list[str]]]" = models.JSONField(default=list, blank=True)
    """The first series that came back when somebody asked, with their numbers."""
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("scrape target")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(app__isnull=False, resource__isnull=True)
                | models.Q(app__isnull=True, resource__isnull=False),
                name="scrape_target_has_one_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(interval_s__gte=5, timeout_s__gte=1, timeout_s__lte=models.F("interval_s")),
                name="scrape_target_times_are_sane",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="scrape_target_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.address}"

    @property
    def customer_id(self) -> int | None:
        """Whose it is; None for the provider's own."""
        return self.app.customer_id if self.app else None


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
