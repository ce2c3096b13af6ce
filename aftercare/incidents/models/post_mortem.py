"""What is written about an incident afterwards, and what is to become of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class ReportState(models.TextChoices):
    """How far a post-mortem is."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", _("published")


class PostMortem(models.Model):
    """The post-mortem of an incident (复盘). `content` is the newest version's; who saves names the version they saw.

    `content` is {texts: {section: {en, zh}}, lines: [timeline entries], told: [sections that customers read],
    names: whether they read names of our people}.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    incident = models.OneToOneField("incidents.Incident", on_delete=models.PROTECT, related_name="post_mortem")
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    content: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ref} v{self.version}"


class PostMortemVersion(models.Model):
    """What a post-mortem said, and who wrote it."""

    post_mortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["post_mortem", "number"], name="post_mortem_version_once")]

    def __str__(self) -> str:
        return f"{self.post_mortem_id} v{self.number}"


class Publication(models.Model):
    """What one customer reads of a post-mortem: made once, for them alone, in both languages; the last one holds."""

    post_mortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="publications")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    document: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["customer", "-id"], name="publication_of_customer")]
        constraints = [
            models.UniqueConstraint(fields=["post_mortem", "customer", "version"], name="published_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.post_mortem_id} {self.customer_id} v{self.version}"


class FollowUpState(models.TextChoices):
    """What became of it."""

    OPEN = "open", _("open")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


class FollowUp(models.Model):
    """Something to be done so that it does not happen again, by whom and until when; of an incident or of a drill.

    `notice_at` is when its owner is next reminded: before, on and after the day, then each week until it has an end.
    `is_root_fix` is the one that removes the cause: its day is apart from the end of the incident.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, null=True, related_name="follow_ups")
    drill = models.ForeignKey("incidents.Drill", on_delete=models.PROTECT, null=True, related_name="follow_ups")
    title = models.CharField(_("what"), max_length=200)
    title_zh = models.CharField(_("what, in Chinese"), max_length=200, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    is_root_fix = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=FollowUpState.choices, default=FollowUpState.OPEN)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    notice_at = models.DateTimeField(null=True)
    notices = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["notice_at"], condition=Q(notice_at__isnull=False), name="follow_up_notice")]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(is_root_fix=True) & ~Q(state="dropped"), name="one_root_fix"
            ),
            models.CheckConstraint(
                condition=Q(incident__isnull=True) ^ Q(drill__isnull=True), name="follow_up_has_one_origin"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        """The title in the reader's language."""
        return in_readers_language(self.title, self.title_zh)
