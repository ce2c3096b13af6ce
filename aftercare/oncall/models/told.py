"""Whom a page tells beside those whom it wakes: rooms, and the people above when it takes too long."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.notify.models import Channel
from aftercare.oncall.models.policy import Until


class PagePost(models.Model):
    """What a page said in a room, once for each severity that it had.

    `name` outlives the room; `delivery` is None once notify has forgotten it.
    """

    page = models.ForeignKey("oncall.Page", on_delete=models.CASCADE, related_name="posts")
    room = models.ForeignKey("oncall.Room", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=16)
    severity = models.CharField(max_length=8)
    delivery = models.OneToOneField("notify.Delivery", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["page", "room", "severity"], name="page_speaks_once_in_a_room")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.name}"

    @property
    def channel_name(self) -> str:
        """The way it went, in the reader's language."""
        return str(Channel(self.channel).label)


class ManagementNotice(models.Model):
    """Somebody above is told at `due_at`, unless it is not needed by then; written when the page begins.

    It has its own clock: the steps neither wait for it nor hold it up.
    """

    page = models.ForeignKey("oncall.Page", on_delete=models.CASCADE, related_name="management")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=40, blank=True)
    until = models.CharField(max_length=12, choices=Until.choices)
    minutes = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("management escalation of a page")
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(told_at__isnull=True), name="management_due")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.user_id} {self.minutes} min"
