"""What happens to a ticket later by itself, whom somebody has promised to phone, and who wants to hear of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class LifeKind(models.TextChoices):
    REMIND = "remind", _("remind the customer that we wait for words")
    NOTICE = "notice", _("tell that the ticket will close by itself")
    CLOSE = "close", _("close the ticket")


class LifeStep(models.Model):
    """One timed step of a ticket, due at `due_at` unless somebody speaks before. At most one of a kind waits."""

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="life_steps")
    kind = models.CharField(max_length=8, choices=LifeKind.choices)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind"], condition=Q(done_at=None), name="desk_life_one_waits")
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(done_at=None), name="desk_life_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%F %T}"


class CallResult(models.TextChoices):
    REACHED = "reached", _("reached, all is well")
    TROUBLE = "trouble", _("reached, the trouble is not over")
    MISSED = "missed", _("not reached, try again")
    DECLINED = "declined", _("the customer wants no call")


class CallBack(models.Model):
    """A person of ours phones the customer: whose task it is, by when, and what came of it.

    One that reached nobody stays open with a new `due_at` and one more in `attempts`.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="call_backs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="call_backs")
    due_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=8, choices=CallResult.choices, blank=True)
    result_note = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(done_at=None), name="desk_call_open"),
            models.Index(fields=["due_at"], condition=Q(done_at=None, reminded_at=None), name="desk_call_remind"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.due_at:%F %T}"


class Following(models.Model):
    """The own word of a person of either side on whether they want to hear of a ticket.

    Without a row it is decided by their role, and by whether they have the ticket or have spoken in it.
    """

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="followings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    follows = models.BooleanField()
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="desk_following_once")]
        indexes = [models.Index(fields=["user"], condition=Q(follows=True), name="desk_following_mine")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.follows}"
