"""How people can be reached, and the outbox of everything that goes out to them."""

from collections.abc import Sequence
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
    SMS = "sms", _("SMS")
    VOICE = "voice", _("Phone call")
    WEBPUSH = "webpush", _("Browser push")
    APPRISE = "apprise", _("Another service")


# A person's own and nothing else; the others are chats, which several people share.
PERSONAL = (
    Channel.PUSH,
    Channel.EMAIL,
    Channel.WEBHOOK,
    Channel.WEBPUSH,
    Channel.APPRISE,
    Channel.SMS,
    Channel.VOICE,
)
PHONES = (Channel.SMS, Channel.VOICE)
# What reaches one person only through an account of the provider's with a vendor.
RINGING = (*PHONES, Channel.FEISHU, Channel.DINGTALK, Channel.WECOM, Channel.SLACK, Channel.TELEGRAM)
# Where a message to one person has buttons that we hear.
WITH_BUTTONS = (Channel.FEISHU, Channel.WECOM, Channel.SLACK, Channel.TELEGRAM)
CONTACT_CHANNELS = (*PERSONAL, *(channel for channel in RINGING if channel not in PHONES))


# The kind of a delivery that carries somebody's words to those who do not sign in: one chat hears them in their order.
CONVERSATION = "conversation"
# The kind of one that carries the code by which a person proves an address.
CODE_KIND = "contact.code"


class Vendor(models.TextChoices):
    """Who sends SMS and makes calls; the other channels have one vendor each, and an account of theirs names none."""

    ALIYUN = "aliyun", _("Aliyun")
    TENCENT = "tencent", _("Tencent Cloud")
    TWILIO = "twilio", _("Twilio")


class Loudness(models.TextChoices):
    """How Feishu or DingTalk makes sure that a message is noticed."""

    PLAIN = "", _("a message, no more")
    APP = "app", _("in the app")
    SMS = "sms", _("by SMS")
    PHONE = "phone", _("by phone call")


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
    vendor = models.CharField(_("vendor"), max_length=16, choices=Vendor.choices, blank=True)
    name = models.CharField(_("name"), max_length=120)
    place = models.PositiveSmallIntegerField(_("order"), default=1)  # of several that could send, the lowest does
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

    @property
    def kind(self) -> str:
        """`sms:aliyun`, or the channel alone where it has one vendor: what its settings are called by."""
        return f"{self.channel}:{self.vendor}" if self.vendor else self.channel

    @property
    def kind_name(self) -> str:
        """The same in the reader's words."""
        channel = str(Channel(self.channel).label)
        return f"{channel} · {Vendor(self.vendor).label}" if self.vendor else channel


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
    """One address of one person. Only enabled and verified ones are used for pages.

    `after_s` is the rung of the person's ladder: how long after a page this one is used, unless it was answered by
    then. `account` is the app whose id of the person a chat's address is; phone numbers take whichever account can
    reach them. `secret` signs a webhook, is a browser's keys, or the sealed address of a service whose `address`
    shows its name alone. Of a code that proves the address the keyed hash is kept.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="contact_methods")
    channel = models.CharField(_("channel"), max_length=16, choices=[(c.value, c.label) for c in CONTACT_CHANNELS])
    address = models.CharField(_("address"), max_length=500, blank=True)
    loudness = models.CharField(_("how it is made urgent"), max_length=8, choices=Loudness.choices, blank=True)
    after_s = models.PositiveIntegerField(_("seconds after the page"), default=0)
    account = models.ForeignKey("notify.Account", null=True, on_delete=models.SET_NULL, related_name="+")
    secret = models.TextField(blank=True)
    enabled = models.BooleanField(_("in use"), default=True)
    verified = models.BooleanField(_("confirmed"), default=False)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("contact method")
        ordering = ["after_s", "channel", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "channel", "address", "loudness"], name="contact_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}".strip()

    @property
    def is_proved_by_code(self) -> bool:
        """Whether a code proves the address, not a link or the receiver's yes."""
        return self.channel in RINGING


class QuietHours(models.Model):
    """When a person's phones, chats and browsers keep silent about what is not urgent, by the person's own clock.

    From `starts` until `ends` of every day, over midnight where it ends earlier than it starts.
    """

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="quiet_hours")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        verbose_name = _("quiet hours")

    def __str__(self) -> str:
        return f"{self.starts:%H:%M} – {self.ends:%H:%M}"


class Delivery(models.Model):
    """One message to one address: written with what caused it, sent by the engine.

    `secret_url` is a one-time link or code that the message carries; it is shown nowhere and emptied once the row is
    settled. `tried` are the accounts that did not bring it to the person; who comes next is asked at each attempt.
    `bundle` is the delivery whose message told of this one, too.
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
    tried: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    bundle = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="bundled", db_index=False)

    # While it is being sent: the others that its message tells of.
    together: Sequence["Delivery"] = ()

    class Meta:
        verbose_name = _("delivery")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="delivery_due"),
            models.Index(fields=["urgency", "due_at", "id"], condition=Q(state="pending"), name="delivery_to_go"),
            models.Index(fields=["deadline_at"], condition=Q(state="sending"), name="delivery_in_the_air"),
            models.Index(fields=["user", "-id"], name="delivery_of_user"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint", condition=Q(endpoint__isnull=False)),
            models.Index(fields=["created_at"], condition=Q(state__in=SETTLED), name="delivery_old"),
            models.Index(fields=["subject_ref", "user", "state"], name="delivery_about"),
            models.Index(fields=["bundle"], condition=Q(bundle__isnull=False), name="delivery_bundled"),
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


class Ring(models.Model):
    """One attempt to reach one number or person by one account: what vendors' limits per callee are counted by.

    Written with the claim, so that a crash never forgets one; taken back where the vendor surely did not take it.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="rings")
    address = models.CharField(max_length=500)
    kind = models.CharField(max_length=40)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="rings")
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "address", "-at"], name="ring_of_callee"),
            models.Index(fields=["at"], name="ring_old"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.address} {self.at:%F %T}"


class Answer(models.TextChoices):
    """What a person says to a message from where it reached them."""

    TAKE = "take", _("I have it")
    PASS_ON = "pass_on", _("Wake the next person")
    HAND_OVER = "give", _("Hand it over")
    RESOLVE = "resolve", _("It is resolved")


class ContactAnswer(models.Model):
    """An answer that came back over a channel. Each counts once for a message, however often it is pressed or sent.

    `detail` is what came with it: whom it is handed over to, as it was said.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="answers")
    answer = models.CharField(max_length=8, choices=Answer.choices)
    detail = models.CharField(max_length=80, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "answer", "detail"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.answer}"
