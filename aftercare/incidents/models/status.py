"""The status pages: who has one, what it measures, which incidents stand on it, and who hears of them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class StatusPage(models.Model):
    """One page: the provider's public one (`customer` None), or a customer's private one under a secret address.

    The address is made from `ref` and `edition` (`status.addresses`) and kept nowhere; a new edition is a new address.
    `due_at` is when its files are written next. `wanted` counts what asked for it and `taken` how far the writer had
    counted when it began: files of a moment that is over leave the page due. `lease_until` keeps others from it
    meanwhile. The names, the zone and `publish_from` are the public page's; a private page has its customer's zone.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.OneToOneField(
        "accounts.Customer", on_delete=models.CASCADE, null=True, related_name="status_page"
    )
    is_open = models.BooleanField(default=True)
    edition = models.PositiveIntegerField(default=1)
    name = models.CharField(_("name, in English"), max_length=120, blank=True)
    name_zh = models.CharField(_("name, in Chinese"), max_length=120, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    publish_from = models.PositiveSmallIntegerField(null=True)
    due_at = models.DateTimeField()
    wanted = models.PositiveBigIntegerField(default=0)
    taken = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer"], name="status_page_once", nulls_distinct=False),
        ]
        indexes = [models.Index(fields=["due_at"], name="status_page_due")]

    def __str__(self) -> str:
        return f"status page of {self.customer or 'the provider'}"


class ComponentState(models.TextChoices):
    """How a component is; unknown is none of the others."""

    OPERATIONAL = "operational", _("Operational")
    DEGRADED = "degraded", _("Degraded")
    OUTAGE = "outage", _("Outage")
    MAINTENANCE = "maintenance", _("Maintenance")
    UNKNOWN = "unknown", _("Unknown")


class StatusComponent(models.Model):
    """One line of the pages: a metric of the catalog against its red line, or a state that people set (no `metric`).

    Without a `customer` it stands on every page, each private one measuring its customer's apps alone and the public
    one all apps together; with one it stands on theirs alone, for one `app` where that is set. `filters` narrows it to
    one value of one dimension. Up to `measured_until` its slots are counted; `measure_at` is when it goes on.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name, in English"), max_length=60)
    name_zh = models.CharField(_("name, in Chinese"), max_length=60)
    place = models.PositiveSmallIntegerField(_("order"), default=1)
    metric = models.CharField(_("measured by"), max_length=40, blank=True)
    filters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, null=True, related_name="+")
    app = models.ForeignKey("accounts.App", on_delete=models.CASCADE, null=True, related_name="+")
    on_public = models.BooleanField(_("on the public page"), default=True)
    on_private = models.BooleanField(_("on customers' pages"), default=True)
    said = models.CharField(max_length=12, choices=ComponentState.choices, default=ComponentState.OPERATIONAL)
    measured_until = models.DateTimeField()
    measure_at = models.DateTimeField()

    class Meta:
        ordering = ["place", "id"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the reader's language."""
        return in_readers_language(self.name, self.name_zh)


class ComponentDay(models.Model):
    """One day of a component, for one customer or (None) for the public page: of its slots of five minutes those that
    could be judged, and of these the good ones. The day is of the page's zone. No row, or nothing judged: unknown.
    """

    component = models.ForeignKey(StatusComponent, on_delete=models.CASCADE, related_name="days")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    good = models.PositiveSmallIntegerField()
    judged = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["component", "customer", "day"], name="component_day_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.customer_id} {self.day}"


class ComponentNow(models.Model):
    """What pages show of a component without counting: its verdict, its bars up to `last_day` (a letter for each day,
    the oldest first), the slots of them all, and the latest days that were not good with their share of good slots.
    """

    component = models.ForeignKey(StatusComponent, on_delete=models.CASCADE, related_name="standings")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, null=True, related_name="+")
    verdict = models.CharField(max_length=10, default="unknown")
    last_day = models.DateField(null=True)
    bars = models.CharField(max_length=90, blank=True)
    good = models.PositiveIntegerField(default=0)
    judged = models.PositiveIntegerField(default=0)
    bad_days: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    summed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["component", "customer"], name="component_now_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.customer_id} {self.verdict}"


class PublicIncident(models.Model):
    """An incident that stands on the public page, under a title for the public. By nobody: it touched so many."""

    incident = models.OneToOneField("incidents.Incident", on_delete=models.CASCADE, related_name="public_incident")
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    published_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class PublicUpdate(models.Model):
    """An update that the public may read, too."""

    publication = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="updates")
    update = models.OneToOneField("incidents.Update", on_delete=models.CASCADE, related_name="public")

    def __str__(self) -> str:
        return f"{self.publication_id} {self.update_id}"


class PublicMaintenance(models.Model):
    """A planned change that stands on the public page, in words for everybody."""

    change = models.OneToOneField("incidents.Change", on_delete=models.CASCADE, related_name="public_maintenance")
    title = models.CharField(max_length=160)
    title_zh = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    body_zh = models.TextField(blank=True)
    published_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class StatusChange(models.Model):
    """Something happened to an incident that pages show; the engine finds the pages and deletes the row.

    Rows are only ever added by what happens to incidents, so that nobody waits for a page there.
    """

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="+")
    is_for_all = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.incident_id)


class Subscription(models.Model):
    """Somebody who hears of a page's updates. Their links are made from `ref` (`status.addresses`), kept nowhere.

    Until `confirmed_at` nothing goes there but the question whether it is wanted. `edition` is of the page's address
    by which they came: a page with a new address tells nobody who knew only the old one.
    """

    class Way(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WEBHOOK = "webhook", _("Webhook")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="subscriptions")
    edition = models.PositiveIntegerField()
    way = models.CharField(max_length=8, choices=Way.choices)
    address = models.CharField(max_length=500)
    language = models.CharField(max_length=16)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "way", "address"], name="subscribed_once")]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(confirmed_at__isnull=True), name="subscription_unconfirmed")
        ]

    def __str__(self) -> str:
        return self.ref


class SubscriptionAsk(models.Model):
    """Somebody asked for a subscription; whether they have one the engine finds out, out of the asker's sight."""

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="+")
    edition = models.PositiveIntegerField()
    way = models.CharField(max_length=8, choices=Subscription.Way.choices)
    address = models.CharField(max_length=500)
    language = models.CharField(max_length=16)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Broadcast(models.Model):
    """One update, or one `word` about maintenance (announced, moved, postponed, cancelled, done; of its `window`, at
    `at`), on its way to the subscribers of one page: those up to `reached` have it, in their order of ids.
    """

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="+")
    update = models.ForeignKey("incidents.Update", on_delete=models.CASCADE, null=True, related_name="broadcasts")
    maintenance = models.ForeignKey(PublicMaintenance, on_delete=models.CASCADE, null=True, related_name="broadcasts")
    word = models.CharField(max_length=10, blank=True)
    window = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "update"], name="broadcast_once"),
            models.UniqueConstraint(fields=["page", "maintenance", "word", "window"], name="maintenance_told_once"),
            models.CheckConstraint(
                condition=Q(update__isnull=False, maintenance=None) | Q(update=None, maintenance__isnull=False),
                name="broadcast_is_of_one",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="broadcast_due")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.update_id or self.maintenance_id} {self.word}"


class StatusGroup(models.Model):
    """A service group that hears what changes on its customer's page. `known` is what it was told, or what stood there
    when it began to hear (None: nobody has looked); `seen` is how far the page's `wanted` had counted then, `look_at`
    when something that waits is due, and `looks` keeps two processes from telling the same.
    """

    group = models.OneToOneField("desk.Group", on_delete=models.CASCADE, related_name="+")
    known: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True)
    seen = models.PositiveBigIntegerField(default=0)
    look_at = models.DateTimeField(null=True)
    looks = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.group_id)
