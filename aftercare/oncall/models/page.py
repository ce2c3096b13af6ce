"""The pages that wake people, what was sent about them, and proof that none was forgotten."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.ids import new_ref
from aftercare.notify.models import Channel


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
