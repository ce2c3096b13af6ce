"""Web chat: the widget on a site, who writes through it, and the browsers they write from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


def new_site_key() -> str:
    """100 random bits: it stands in public pages, yet nobody can walk through all of them."""
    return new_ref(20)


class ChatWidget(models.Model):
    """A chat window for one customer's site, or, without a customer, for a site that all of them sign in to.

    `secret` is sealed: the site's server signs its users' identities with it. `origins` are the sites that may show the
    window in a frame. `reply_within_s` counts in `calendar`'s hours, around the clock without one.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    site_key = models.CharField(max_length=32, unique=True, default=new_site_key, editable=False)
    name = models.CharField(_("name"), max_length=120)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="chat_widgets")
    secret = models.TextField()
    anonymous = models.BooleanField(_("anyone may write"), default=False)
    origins: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    greeting = models.CharField(_("greeting"), max_length=300, blank=True)
    greeting_zh = models.CharField(_("greeting in Chinese"), max_length=300, blank=True)
    calendar = models.ForeignKey("clocks.Calendar", on_delete=models.PROTECT, null=True, related_name="+")
    reply_within_s = models.PositiveIntegerField(_("first answer within (seconds)"), default=3600)
    enabled = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("chat widget")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(anonymous=False), name="desk_chat_anonymous_has_a_customer"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def display_greeting(self) -> str:
        """The greeting in the reader's language."""
        return in_readers_language(self.greeting, self.greeting_zh)


class ChatVisitor(models.Model):
    """Somebody who writes through a widget. `subject` is how the site's server names them, empty for the anonymous.

    `read_to` and `staff_read_to` are the last message that each side has had before its eyes.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    widget = models.ForeignKey(ChatWidget, on_delete=models.PROTECT, related_name="visitors")
    subject = models.CharField(max_length=120, blank=True)
    contact = models.OneToOneField("desk.Contact", on_delete=models.PROTECT, related_name="chat_visitor")
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.SET_NULL, null=True, related_name="+")
    read_to = models.ForeignKey("desk.Message", on_delete=models.SET_NULL, null=True, related_name="+")
    staff_read_to = models.ForeignKey("desk.Message", on_delete=models.SET_NULL, null=True, related_name="+")
    # What they told us in the chat. Nobody has proved it: it is where answers go, and makes nobody anybody.
    email = models.EmailField(blank=True)
    heard_at = models.DateTimeField(null=True)  # when a window of theirs was last on the line
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["widget", "subject"], condition=~Q(subject=""), name="desk_chat_visitor_once"
            )
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def topic(self) -> str:
        """Under which name this visitor's open windows hear."""
        return f"chat:{self.pk}"


class WaitingAnswer(models.Model):
    """Words of ours that a chat's visitor has not had before their eyes yet; at `due_at` the engine looks whether they
    have left, and mails the words if they said where to.
    """

    message = models.OneToOneField("desk.Message", on_delete=models.CASCADE, related_name="+")
    visitor = models.ForeignKey(ChatVisitor, on_delete=models.CASCADE, related_name="waiting_answers")
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="desk_chat_answer_due")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.due_at:%F %T}"


class ChatSession(models.Model):
    """One browser of a visitor's; of its token only the fingerprint is kept."""

    visitor = models.ForeignKey(ChatVisitor, on_delete=models.CASCADE, related_name="sessions")
    fingerprint = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="desk_chat_session_old")]

    def __str__(self) -> str:
        return f"{self.visitor_id} {self.created_at:%F %T}"
