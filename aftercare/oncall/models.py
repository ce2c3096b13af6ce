"""Who is on duty when, and the pages that wake them."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.notify.models import Channel


class Rotation(models.Model):
    """People who take turns. Shifts are wall-clock times of one zone, so that a change of clocks moves no hand-over."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=80)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    shift_length_days = models.PositiveSmallIntegerField(
        _("shift length, days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(56)]
    )
    handoff_time = models.TimeField(_("hand-over at"))
    starts_on = models.DateField(_("first day"))
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rotation")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class RotationMember(models.Model):
    """A person's place in a rotation."""

    rotation = models.ForeignKey("oncall.Rotation", on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["rotation", "position"], name="one_person_a_place")]

    def __str__(self) -> str:
        return f"{self.rotation_id}/{self.position}"


class Override(models.Model):
    """Somebody covers for whoever the rotation says; of overlapping ones the newest holds."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    rotation = models.ForeignKey("oncall.Rotation", on_delete=models.CASCADE, related_name="overrides")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("override")
        ordering = ["id"]
        indexes = [models.Index(fields=["rotation", "ends_at"], name="override_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="override_has_length")
        ]

    def __str__(self) -> str:
        return self.ref


class CustomerRotation(models.Model):
    """A customer whose pages begin with a rotation of their own; what the policy says comes after it."""

    customer = models.OneToOneField("accounts.Customer", on_delete=models.CASCADE, related_name="+")
    rotation = models.ForeignKey("oncall.Rotation", on_delete=models.CASCADE, related_name="customers")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.rotation_id}"


class EscalationPolicy(models.Model):
    """In which order rotations are woken: `steps` is `[{"rotation": ref, "delay_s": seconds to wait after it}, …]`.

    After the last step all of it runs `repeat` times more. Open pages keep the version they started with.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=80)
    steps = models.JSONField(default=list)
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


class Severity(models.TextChoices):
    """How loud a page is: red wakes, a warning may be sent late or once."""

    RED = "red", _("Red line")
    WARNING = "warning", _("Warning")


class PageState(models.TextChoices):
    """Where a page stands."""

    OPEN = "open", _("Waiting for somebody")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    CLOSED = "closed", pgettext_lazy("page", "Closed")


class Page(models.Model):
    """One call for a human. While it is open, `next_step_at` says when the next people are woken.

    `chart` is what its small picture shows (`actions.illustrate_page`), {} while nothing was measured.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    subject_ref = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    url_path = models.CharField(max_length=300)
    customer = models.ForeignKey("accounts.Customer", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, choices=PageState.choices, default=PageState.OPEN)
    policy_snapshot = models.JSONField(default=dict)
    chart: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    step = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    firings = models.PositiveIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    acknowledged_via = models.CharField(max_length=16, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("page")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_step_at"], condition=Q(state="open"), name="page_due"),
            models.Index(fields=["state", "-id"], name="page_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_ref"], condition=~Q(state="closed"), name="one_live_page_a_subject"
            )
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def display_title(self) -> str:
        """The title in the reader's language."""
        is_chinese = (translation.get_language() or "").startswith("zh")
        return self.title_zh if is_chinese and self.title_zh else self.title


class PageNotice(models.Model):
    """One message of one page to one person; `firing` counts the page's steps as they ran.

    `delivery` is None once notify has forgotten what became of it.
    """

    page = models.ForeignKey("oncall.Page", on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8)
    delivery = models.OneToOneField("notify.Delivery", on_delete=models.SET_NULL, null=True, related_name="+")
    firing = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.page_id} {self.channel}"

    @property
    def channel_name(self) -> str:
        """The way it went, in the reader's language."""
        return str(Channel(self.channel).label)


class PageSeen(models.Model):
    """When somebody first had a page before their eyes: opened it, or what it is about."""

    page = models.ForeignKey("oncall.Page", on_delete=models.CASCADE, related_name="views")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "user"], name="page_seen_once")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.user_id} {self.at:%F %T}"


class PageAudit(models.Model):
    """One look at every open page: how many there were, and the refs of those whose next step was missing or late.

    `told_at` is when the dead-man outside heard of a clean one, `untold` why one that was to hear of it did not.
    """

    at = models.DateTimeField()
    open_pages = models.PositiveIntegerField()
    offending = models.JSONField(default=list)
    told_at = models.DateTimeField(null=True)
    untold = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
