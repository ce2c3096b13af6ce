"""What vendors' chats need beside messages: changed words, pull cursors, consents, replies sent by hand, windows."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class ChangeKind(models.TextChoices):
    EDITED = "edited", _("edited")
    TAKEN_BACK = "taken_back", _("taken back")


class MessageChange(models.Model):
    """A vendor's user edited or took back words that we have: what they were before, for the provider's eyes."""

    message = models.ForeignKey("desk.Message", on_delete=models.CASCADE, related_name="changes")
    provider_message_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    former = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "provider_message_id"], name="desk_message_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class PullCursor(models.Model):
    """How far an account that is asked, not told, has been read. `position` is the vendor's: a number or a text."""

    account = models.OneToOneField("notify.Account", on_delete=models.CASCADE, related_name="pull")
    position = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField()
    pulled_at = models.DateTimeField(null=True)
    withheld = models.PositiveBigIntegerField(default=0)  # messages of people who have not agreed: counted, not kept
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="desk_pull_due")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.position}"


class ConsentHow(models.TextChoices):
    MESSAGE = "message", _("agreed in the chat")
    VENDOR = "vendor", _("WeCom says so")
    STAFF = "staff", _("recorded by a colleague")


class ArchiveConsent(models.Model):
    """Whether a person outside agrees that their words are archived, since when, and how we know.

    `chat_id` is the group it was given in; empty for all of the account's chats. Without a row that says yes, nothing
    that the person writes is kept.
    """

    account = models.ForeignKey("notify.Account", on_delete=models.CASCADE, related_name="consents")
    external_id = models.CharField(max_length=200)
    chat_id = models.CharField(max_length=200, blank=True)
    agreed = models.BooleanField()
    how = models.CharField(max_length=8, choices=ConsentHow.choices)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id", "chat_id"], name="desk_archive_consent_once")
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {'yes' if self.agreed else 'no'}"


class PreparedState(models.TextChoices):
    PREPARED = "prepared", _("waits in the sidebar")
    OPENED = "opened", _("handed over, not seen in the group yet")
    SEEN = "seen", _("seen in the group")
    EXPIRED = "expired", _("never sent")


class PreparedReply(models.Model):
    """Words for a group that takes no bot: a colleague sends them from the vendor's sidebar.

    They count as said when the archive shows them in the group; until then the group's clock runs on.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    message = models.OneToOneField("desk.Message", on_delete=models.CASCADE, related_name="prepared")
    group = models.ForeignKey("desk.Group", on_delete=models.CASCADE, related_name="prepared")
    state = models.CharField(max_length=8, choices=PreparedState.choices, default=PreparedState.PREPARED)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()  # when it is given up
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["group", "id"], condition=Q(state__in=("prepared", "opened")), name="desk_prepared_open"
            ),
            models.Index(fields=["due_at"], condition=Q(state__in=("prepared", "opened")), name="desk_prepared_due"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.state}"


class ServiceWindow(models.Model):
    """What WeCom customer service still lets us say to one person: so many messages after their last words.

    `sent` counts since `heard_at`; both are started anew by each word of the person.
    """

    account = models.ForeignKey("notify.Account", on_delete=models.CASCADE, related_name="windows")
    external_id = models.CharField(max_length=200)
    heard_at = models.DateTimeField()
    sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="desk_window_once")]

    def __str__(self) -> str:
        return f"{self.external_id} {self.sent}"
