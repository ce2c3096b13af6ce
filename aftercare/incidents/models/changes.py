"""What is going to be changed, when, for whom, and what each customer was told of it and said to it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class ChangeKind(models.TextChoices):
    """What sort of work it is."""

    CHANGE = "change", pgettext_lazy("change", "Change")
    CUTOVER = "cutover", _("Cut-over")
    MAINTENANCE = "maintenance", _("Maintenance")


class Risk(models.TextChoices):
    """How bad it may get, and how fast it can be undone."""

    LOW = "low", _("Low: users feel nothing, undone within minutes")
    MEDIUM = "medium", _("Medium: users may feel it for a short while, undone within half an hour")
    HIGH = "high", _("High: many users feel it if it goes wrong, or it cannot be undone fast")


class ChangeState(models.TextChoices):
    """Where it stands. `postponed` waits for a new window; with one it is announced again."""

    DRAFT = "draft", _("draft")
    ANNOUNCED = "announced", _("announced")
    POSTPONED = "postponed", _("postponed")
    RUNNING = "running", _("running")
    DONE = "done", pgettext_lazy("change", "done")
    ROLLED_BACK = "rolled_back", _("rolled back")
    CANCELLED = "cancelled", _("cancelled")


ENDED = (ChangeState.DONE, ChangeState.ROLLED_BACK, ChangeState.CANCELLED)
COMING = (ChangeState.ANNOUNCED, ChangeState.POSTPONED)


class Change(models.Model):
    """A change, a cut-over or maintenance in one window, from `starts_at` until `ends_at`.

    The window was typed as wall-clock times of `timezone`. `window` counts the windows that customers were given: an
    answer and a notice belong to one, so that a moved window asks anew and old notices fall away. `announced_at` is
    when the present one was announced, `promised_lead_h` what was promised then and `late_reason` why it came later.
    With `expects_alerts` alerts of what it touches do not page during it. `version` changes with every edit, `token`
    is of the form that made it: pressed twice it is one.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ChangeKind.choices)
    title = models.CharField(max_length=160)
    title_zh = models.CharField(max_length=160, blank=True)
    plan = models.TextField()
    feel = models.TextField(blank=True)
    feel_zh = models.TextField(blank=True)
    risk = models.CharField(_("risk"), max_length=6, choices=Risk.choices)
    rollback = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    executor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resources = models.ManyToManyField("telemetry.Resource", related_name="+")
    apps = models.ManyToManyField("accounts.App", related_name="+")
    timezone = models.CharField(_("time zone"), max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    notice_days: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    expects_alerts = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=12, choices=ChangeState.choices, default=ChangeState.DRAFT)
    window = models.PositiveIntegerField(default=1)
    announced_at = models.DateTimeField(null=True)
    promised_lead_h = models.PositiveIntegerField(null=True)
    late_reason = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    token = models.CharField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("change")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="change_takes_time")]
        indexes = [
            models.Index(fields=["starts_at", "ends_at"], name="change_window"),
            models.Index(fields=["ended_at"], name="change_ended", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        """The title in the reader's language."""
        return in_readers_language(self.title, self.title_zh)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its window is told."""
        return ZoneInfo(self.timezone)

    @property
    def lead_s(self) -> float | None:
        """How long before its begin the present window was announced, in seconds; None while it was not."""
        return (self.starts_at - self.announced_at).total_seconds() if self.announced_at else None

    @property
    def is_late(self) -> bool:
        """Whether the present window was announced later than promised, to somebody whom that was promised."""
        lead_s, promised_h = self.lead_s, self.promised_lead_h
        return lead_s is not None and promised_h is not None and bool(self.late_reason) and lead_s < promised_h * 3600

    @property
    def is_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ENDED


class Answer(models.TextChoices):
    """What a customer says to a window."""

    CONFIRM = "confirm", _("confirmed")
    POSTPONE = "postpone", _("asks to postpone")


class ChangeCustomer(models.Model):
    """A customer that a change touches: by the resource map, or `by_hand`; `removed_at` when somebody said it does not.

    `is_whole` when all of its apps are touched. An answer counts for the window that it names, `declined` is why the
    owner does not postpone. `heard_at` is when the customer was first told of the change.
    """

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="customers")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    by_hand = models.BooleanField(default=False)
    is_whole = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.PROTECT, null=True, related_name="+")
    heard_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answer_window = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    wished_from = models.DateTimeField(null=True)
    wished_until = models.DateTimeField(null=True)
    declined = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "customer"], name="change_customer_once")]

    def __str__(self) -> str:
        return f"{self.change_id} {self.customer_id}"

    @property
    def present_answer(self) -> str:
        """What the customer says to the present window; "" where that is nothing yet."""
        return self.answer if self.answer_window == self.change.window else ""

    @property
    def is_asking(self) -> bool:
        """Whether a wish to postpone waits for the owner's word."""
        return self.present_answer == Answer.POSTPONE and not self.declined


class NoticeKind(models.TextChoices):
    """Why a customer is told."""

    AHEAD = "ahead", _("Notice in advance")
    MOVED = "moved", _("New window")
    POSTPONED = "postponed", _("Postponed")
    DECLINED = "declined", _("Not postponed")
    STARTED = "started", _("Begun")
    DONE = "done", pgettext_lazy("change", "Done")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    CANCELLED = "cancelled", _("Cancelled")
    FREED = "freed", _("Not touched")


class ChangeNotice(models.Model):
    """One thing to tell one customer, at `due_at`; `told_at` is set with the words in its ticket, in one transaction.

    Several that are due at once are told as one: the others point to it by `told_at` too, and `is_folded`. One that is
    overtaken, because the window moved or is over, has `dropped_at` and is never told.
    """

    touched = models.ForeignKey(ChangeCustomer, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    window = models.PositiveIntegerField()
    days = models.PositiveSmallIntegerField(default=0)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    is_folded = models.BooleanField(default=False)
    dropped_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["touched", "kind", "window", "days"], name="change_notice_once"),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(dropped_at__isnull=True), name="change_notice_told_or_dropped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="change_notice_due", condition=Q(told_at__isnull=True, dropped_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.touched_id} {self.kind} {self.days}"


class ChangeStep(models.Model):
    """One line of a change's story. `customer` is set when it concerns that customer alone."""

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="story")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class FreezeScope(models.TextChoices):
    """What must not be changed."""

    ALL = "all", _("everything")
    REGIONS = "regions", _("some regions")
    CUSTOMERS = "customers", _("what touches some customers")


class Freeze(models.Model):
    """A time in which nothing is changed (封网), but by `breakers`; without any, by whoever manages the on-call."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    scope = models.CharField(_("scope"), max_length=10, choices=FreezeScope.choices)
    regions = models.ManyToManyField("telemetry.Resource", related_name="+")
    customers = models.ManyToManyField("accounts.Customer", related_name="+")
    breakers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("change freeze")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="freeze_takes_time")]
        indexes = [models.Index(fields=["starts_at", "ends_at"], name="freeze_window")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the reader's language."""
        return in_readers_language(self.name, self.name_zh)


class Reach(models.IntegerChoices):
    """By what a change and an alert are one: the smaller, the closer."""

    RESOURCE = 1, _("the same resource")
    APP = 2, _("the same app")
    CUSTOMER = 3, _("the same customer")


class Suspect(models.Model):
    """A change that ran when an incident began, or had just run; `was_it` is a person's verdict on that."""

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="suspects")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="suspected")
    reach = models.PositiveSmallIntegerField(choices=Reach.choices)
    apart_s = models.PositiveIntegerField()
    was_it = models.BooleanField(null=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["reach", "apart_s", "-id"]
        constraints = [models.UniqueConstraint(fields=["incident", "change"], name="suspect_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.change_id}"


class ChangeRules(models.Model):
    """One row: how long before its begin a window is promised to be announced, and for how long after its end a change
    of each kind is suspected. Hours.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    promised_lead_h = models.PositiveIntegerField(_("hours of notice that are promised"), default=72)
    suspect_change_h = models.PositiveIntegerField(_("a change is suspected for, hours"), default=24)
    suspect_cutover_h = models.PositiveIntegerField(_("a cut-over is suspected for, hours"), default=24)
    suspect_maintenance_h = models.PositiveIntegerField(_("maintenance is suspected for, hours"), default=24)

    class Meta:
        verbose_name = _("rules of changes")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_change_rules")]

    def __str__(self) -> str:
        return "rules of changes"

    def suspected_for_h(self, kind: str) -> int:
        """For how many hours after its end a change of this kind is suspected."""
        hours: int = getattr(self, f"suspect_{ChangeKind(kind)}_h")
        return hours
