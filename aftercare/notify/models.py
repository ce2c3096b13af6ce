"""How people can be reached, and the outbox of everything that goes out to them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Channel(models.TextChoices):
    """A way out to a person."""

    PUSH = "push", _("Console push")
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")
    WECOM = "wecom", _("WeCom")
    WECOM_KF = "wecom_kf", _("WeCom customer service")
    WECOM_CUSTOMER = "wecom_customer", _("WeCom customer group")
    FEISHU = "feishu", _("Feishu / Lark")
    DINGTALK = "dingtalk", _("DingTalk")
    SLACK = "slack", _("Slack")
    TELEGRAM = "telegram", _("Telegram")
    MATRIX = "matrix", _("Matrix")


# A person's own contact methods; the others speak through an account of the provider's with a vendor.
PERSONAL = (Channel.PUSH, Channel.EMAIL, Channel.WEBHOOK)


# The kind of a delivery that carries somebody's words to those who do not sign in: one chat hears them in their order.
CONVERSATION = "conversation"


class Urgency(models.TextChoices):
    """What becomes of a message that may have been sent: urgent ones go again, marked; routine ones do not."""

    URGENT = "urgent", _("Urgent")
    ROUTINE = "routine", _("Routine")


class State(models.TextChoices):
    """Where a delivery stands."""

    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", _("Not sent")


SETTLED = (State.SENT, State.FAILED, State.DROPPED)


class Account(models.Model):
    """The provider's own standing with a vendor or a mail server: what sends and hears under one set of credentials.

    `config` is shown to staff; `secrets` is a sealed JSON object (`envelope.sealed`) and is never shown.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    name = models.CharField(_("name"), max_length=120)
    config: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    enabled = models.BooleanField(_("in use"), default=True)
    # While a mailbox or a group's past is imported, nothing that this brings may cause words to go out.
    quiet = models.BooleanField(_("importing: nothing goes out"), default=False)
    last_heard_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("account with a vendor")
        ordering = ["channel", "name", "id"]

    def __str__(self) -> str:
        return f"{self.channel} {self.name}"


class WebhookEndpoint(models.Model):
    """An address of a customer's program (or the provider's own, without a customer) that hears what happens.

    `events` are the kinds it wishes to hear; empty is all. `secret` signs as Standard Webhooks says.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", null=True, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=120)
    events: "models.JSONField[list[str], list[str]]" = models.JSONField(_("events"), default=list)
    enabled = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("webhook")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url


class ContactMethod(models.Model):
    """One address of one person. Only enabled and verified ones are used for pages."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="contact_methods")
    channel = models.CharField(
        _("channel"), max_length=16, choices=[(c.value, c.label) for c in Channel if c in PERSONAL]
    )
    address = models.CharField(_("address"), max_length=500, blank=True)
    secret = models.CharField(max_length=120, blank=True)
    enabled = models.BooleanField(_("in use"), default=True)
    verified = models.BooleanField(_("confirmed"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("contact method")
        ordering = ["channel", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "channel", "address"], name="contact_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}".strip()


class Delivery(models.Model):
    """One message to one address: written with what caused it, sent by the engine.

    `secret_url` is a one-time link that the message carries; it is shown nowhere and emptied once the row is settled.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="deliveries")
    contact = models.ForeignKey("notify.ContactMethod", null=True, on_delete=models.SET_NULL, related_name="+")
    account = models.ForeignKey("notify.Account", null=True, on_delete=models.PROTECT, related_name="deliveries")
    endpoint = models.ForeignKey(
        "notify.WebhookEndpoint", null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    channel = models.CharField(max_length=16, choices=Channel.choices)
    address = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=40)
    subject_ref = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    url_path = models.CharField(max_length=500, blank=True)
    secret_url = models.TextField(blank=True)
    urgency = models.CharField(max_length=8, choices=Urgency.choices, default=Urgency.ROUTINE)
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    repeat = models.BooleanField(default=False)
    provider_message_id = models.CharField(max_length=200, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    waits = models.PositiveSmallIntegerField(default=0)  # attempts that ended in "slow down"; they wear nothing out

    class Meta:
        verbose_name = _("delivery")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="delivery_due"),
            models.Index(fields=["deadline_at"], condition=Q(state="sending"), name="delivery_in_the_air"),
            models.Index(fields=["user", "-id"], name="delivery_of_user"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint", condition=Q(endpoint__isnull=False)),
            models.Index(fields=["created_at"], condition=Q(state__in=SETTLED), name="delivery_old"),
            models.Index(fields=["subject_ref", "user", "state"], name="delivery_about"),
            models.Index(
                fields=["channel", "address", "id"],
                condition=Q(kind=CONVERSATION, state__in=[State.PENDING, State.SENDING]),
                name="delivery_in_order",
            ),
            models.Index(
                fields=["account", "provider_message_id"],
                condition=Q(kind=CONVERSATION) & ~Q(provider_message_id=""),
                name="delivery_at_vendor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.kind} {self.ref}"


class Pace(models.Model):
    """How fast an account has been speaking: in all (`address` empty), and in one chat.

    `spent_until` is the instant at which what was sent is paid off at the rate that the vendor allows; `held_until` is
    set where the vendor itself asked for silence.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="paces")
    address = models.CharField(max_length=500, blank=True)
    spent_until = models.DateTimeField()
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="pace_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.address}"
