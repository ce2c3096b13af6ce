"""What was said, and the files that came with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.desk.models.ticket import Way
from aftercare.kernel.ids import new_ref

# SVG is not among them: it can hold scripts.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SHOWN_UP_TO_BYTES = 5 * 1024 * 1024


class Side(models.TextChoices):
    PROVIDER = "provider", _("provider")
    CUSTOMER = "customer", _("customer")
    SYSTEM = "system", _("system")


class Message(models.Model):
    """Something said in a ticket, in a service group, or in both: a group's question that became a ticket is one row.

    `side` is who speaks; `internal` is heard by the provider only. The speaker is `author`, who signs in, or `contact`,
    who does not; the system has neither. What came from a vendor has the vendor's id, unique in its account.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, null=True, related_name="messages")
    group = models.ForeignKey("desk.Group", on_delete=models.CASCADE, null=True, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey("desk.Contact", on_delete=models.PROTECT, null=True, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.PORTAL)
    body = models.TextField()
    body_zh = models.TextField(blank=True)
    quoted = models.TextField(blank=True)  # what a mail quoted of earlier ones; folded away on the page
    internal = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    account = models.ForeignKey("notify.Account", on_delete=models.PROTECT, null=True, related_name="+")
    provider_message_id = models.CharField(max_length=200, null=True)
    # The ticket it was written in, where a merge or a split has moved it since.
    origin_ticket = models.ForeignKey(
        "desk.Ticket", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "provider_message_id"],
                nulls_distinct=False,
                condition=Q(provider_message_id__isnull=False),
                name="desk_message_once",
            ),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False) | Q(group__isnull=False), name="desk_message_is_somewhere"
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "created_at"], name="desk_message_thread"),
            models.Index(fields=["group", "created_at"], condition=Q(group__isnull=False), name="desk_message_group"),
            models.Index(fields=["origin_ticket"], condition=Q(origin_ticket__isnull=False), name="desk_message_moved"),
        ]

    def __str__(self) -> str:
        return self.body[:80]

    @property
    def display_body(self) -> str:
        """The words in the reader's language; people's own words are as they wrote them."""
        return in_readers_language(self.body, self.body_zh)

    @property
    def speaker_name(self) -> str:
        """Who speaks; empty for the system."""
        return self.author.name if self.author else self.contact.name if self.contact else ""


class Attachment(models.Model):
    """A file that came with a message. Its bytes lie in the data folder under their SHA-256 and are only downloaded.

    One that was refused (too large, not allowed) has no bytes and says why, so that nobody waits for it.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    message = models.ForeignKey("desk.Message", on_delete=models.CASCADE, null=True, related_name="attachments")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey("desk.Contact", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)  # by its first bytes, not by what its sender called it
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    refused = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(message__isnull=True), name="desk_file_unsent"),
            models.Index(fields=["sha256"], condition=~Q(sha256=""), name="desk_file_bytes"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def why_refused(self) -> str:
        """Why there are no bytes, in the reader's language; empty for a file that was kept."""
        return gettext(self.refused) if self.refused else ""

    @property
    def is_picture(self) -> bool:
        """Whether the page may show it in small: one of the picture types that browsers only paint, and not huge."""
        return self.media_type in PICTURES and not self.refused and self.size <= SHOWN_UP_TO_BYTES
