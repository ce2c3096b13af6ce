"""An event assurance (重保): a time that must go well, what is prepared for it, and what is stricter while it lasts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class AssuranceState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("assurance", "being prepared")
    READY = "ready", pgettext_lazy("assurance", "ready")
    RUNNING = "running", pgettext_lazy("assurance", "running")
    CLOSED = "closed", pgettext_lazy("assurance", "over")
    CANCELLED = "cancelled", pgettext_lazy("assurance", "called off")


# What can still begin or is going on; the rest is history.
LIVE_STATES = (AssuranceState.PLANNED, AssuranceState.READY, AssuranceState.RUNNING)


class Assurance(models.Model):
    """One event. Its rules and duty hold from `starts_at` to `ends_at`, which were written as wall clock in `zone`.

    Timed promises are rows: `step_at` is when the engine begins or ends it, `notice_at` when it next tells how ready it
    is, `measure_at` when the usual peak is read again, `summarise_at` when the figures of the event are kept; each None
    when there is nothing to do. `usual` holds what the last 30 days' highest minute was, `summary` what the event was.
    `token` is of the form that planned it: pressing twice plans one.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=AssuranceState.choices, default=AssuranceState.PLANNED)
    apps = models.ManyToManyField("accounts.App", through="incidents.AssuranceApp", related_name="+")
    regions = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    expected_concurrent = models.PositiveIntegerField(null=True)
    expected_mbps = models.FloatField(null=True)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rehearsal_at = models.DateTimeField(null=True)
    rehearsal_result = models.TextField(blank=True)
    war_room = models.URLField(max_length=500, blank=True)
    group = models.CharField(max_length=200, blank=True)
    freezes = models.BooleanField(default=True)
    tells_customers = models.BooleanField(default=False)
    step_at = models.DateTimeField(null=True)
    notice_at = models.DateTimeField(null=True)
    measure_at = models.DateTimeField(null=True)
    summarise_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    usual: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    summary: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    keep = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    token = models.CharField(max_length=32, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="assurance_has_length")]
        indexes = [
            models.Index(fields=["-starts_at"], name="assurance_newest"),
            models.Index(fields=["step_at"], name="assurance_step", condition=Q(step_at__isnull=False)),
            models.Index(fields=["notice_at"], name="assurance_notice", condition=Q(notice_at__isnull=False)),
            models.Index(fields=["measure_at"], name="assurance_measure", condition=Q(measure_at__isnull=False)),
            models.Index(fields=["summarise_at"], name="assurance_summarise", condition=Q(summarise_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        """The title in the reader's language."""
        return in_readers_language(self.title, self.title_zh)

    @property
    def is_live(self) -> bool:
        """Whether it can still begin or is going on."""
        return self.state in LIVE_STATES

    @property
    def path(self) -> str:
        """Its page; also what the alert rules that it keeps are kept by."""
        return f"/assurance/{self.ref}"


class AssuranceApp(models.Model):
    """An app of an event."""

    assurance = models.ForeignKey(Assurance, on_delete=models.CASCADE, related_name="+")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assurance", "app"], name="assurance_app_once")]

    def __str__(self) -> str:
        return f"{self.assurance_id} {self.app_id}"


class AssuranceCustomer(models.Model):
    """A customer whose event it is. `ticket` is where it is told how ready we are; `tell_at` when, for the notice of
    `told_days` before the event. `lent` is the schedule that its pages begin with only while the event lasts.
    """

    assurance = models.ForeignKey(Assurance, on_delete=models.CASCADE, related_name="customers")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.PROTECT, null=True, related_name="+")
    tell_at = models.DateTimeField(null=True)
    told_days = models.PositiveSmallIntegerField(null=True)
    lent = models.ForeignKey("oncall.Schedule", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assurance", "customer"], name="assurance_customer_once")]
        indexes = [models.Index(fields=["tell_at"], name="assurance_tell", condition=Q(tell_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.assurance_id} {self.customer_id}"


class AssuranceItem(models.Model):
    """Something to be done before the event. With a `vendor` it is what that vendor must be told; with a `customer` it
    is theirs to do, and their people tick it. `remind_at` is when it is next asked after, None once it is done.
    """

    assurance = models.ForeignKey(Assurance, on_delete=models.CASCADE, related_name="items")
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    vendor = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["remind_at"], name="assurance_remind", condition=Q(remind_at__isnull=False))]

    def __str__(self) -> str:
        return in_readers_language(self.title, self.title_zh)


class AssuranceRule(models.Model):
    """A tighter alert rule: `facts` as `watch.types.MonitorFacts` keeps them, and the `monitor` while it holds.

    `monitor` stays after the end, deleted there, for the alerts it opened; `refusal` says why there is none.
    """

    assurance = models.ForeignKey(Assurance, on_delete=models.CASCADE, related_name="rules")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, related_name="+")
    facts: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    usual_threshold = models.FloatField()
    monitor = models.OneToOneField("watch.Monitor", on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["app_id", "pk"]

    def __str__(self) -> str:
        return f"{self.facts['metric']} {self.facts['threshold']:g}"


class AssuranceDuty(models.Model):
    """Somebody on call for the event: a change of a schedule, so that pages, calendar and coverage know of it."""

    assurance = models.ForeignKey(Assurance, on_delete=models.CASCADE, related_name="duty")
    schedule = models.ForeignKey("oncall.Schedule", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    change = models.OneToOneField("oncall.Change", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assurance", "schedule", "user"], name="assurance_duty_once"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.user_id}"


class AssuranceEntry(models.Model):
    """A line of the log: what somebody decided (`actor`), or a step of the event itself (`kind`, no text)."""

    assurance = models.ForeignKey(Assurance, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    for_customers = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["assurance", "at"], name="assurance_log")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class ChecklistLine(models.Model):
    """One line that a new assurance's checklist begins with: due so many days before, by us or by the customer."""

    place = models.PositiveSmallIntegerField(unique=True)
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    days_before = models.PositiveSmallIntegerField()
    is_customers = models.BooleanField(default=False)

    class Meta:
        ordering = ["place"]

    def __str__(self) -> str:
        return in_readers_language(self.title, self.title_zh)
