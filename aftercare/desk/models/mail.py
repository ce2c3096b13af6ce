"""What the desk keeps for e-mail: which mail was heard, who takes part, who could not be placed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class MailFolder(models.Model):
    """How far one mailbox's folder has been read over IMAP. What is at or before `import_until_uid` is its past."""

    account = models.OneToOneField("notify.Account", on_delete=models.CASCADE, related_name="mail_folder")
    uid_validity = models.BigIntegerField(null=True)
    seen_uid = models.BigIntegerField(default=0)
    import_until_uid = models.BigIntegerField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    connected_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.seen_uid}"


class HeardMail(models.Model):
    """One mail, by whichever of our mailboxes it came: `fingerprint` is `mail.parsing.fingerprint`.

    `identifier` is the sender's own Message-ID, by which colleagues' answers name it.
    """

    fingerprint = models.CharField(max_length=32, unique=True)
    identifier = models.CharField(max_length=1000, blank=True)
    message = models.ForeignKey("desk.Message", on_delete=models.CASCADE, null=True, related_name="mails")
    heard_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["identifier"], name="desk_heard_mail_id")]

    def __str__(self) -> str:
        return self.identifier


class MailParty(models.Model):
    """Somebody who takes part in a ticket by mail: who wrote, and the colleagues they sent a copy to."""

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="mail_parties")
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="desk_mail_party_once")]

    def __str__(self) -> str:
        return self.address


class MailDomain(models.Model):
    """A domain whose every address belongs to one customer."""

    customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE, related_name="mail_domains")
    domain = models.CharField(_("domain"), max_length=253, unique=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain


class BouncedAddress(models.Model):
    """An address that takes no mail any more; a mail from it takes it off again."""

    address = models.CharField(max_length=254, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.address


class AsideReason(models.TextChoices):
    """Why a mail opened no ticket by itself."""

    STRANGER = "stranger", _("unknown sender")
    NOT_ALLOWED = "denied", _("may not open tickets")
    STAFF = "staff", _("written by a colleague")
    AUTOMATIC = "auto", _("automatic answer")
    BULK = "bulk", _("list or machine")
    BOUNCE = "bounce", _("delivery report")


class AsideState(models.TextChoices):
    WAITING = "waiting", _("to be placed")
    PLACED = "placed", _("placed")
    DROPPED = "dropped", _("put away")


class AsideMail(models.Model):
    """A mail that belongs to no conversation yet: a person places it with a customer, or puts it away."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    inbound = models.OneToOneField("desk.Inbound", on_delete=models.PROTECT, related_name="aside")
    reason = models.CharField(max_length=8, choices=AsideReason.choices)
    state = models.CharField(max_length=8, choices=AsideState.choices, default=AsideState.WAITING)
    address = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    excerpt = models.CharField(max_length=1000, blank=True)
    claimed = models.ForeignKey("desk.Ticket", on_delete=models.SET_NULL, null=True, related_name="+")
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.SET_NULL, null=True, related_name="+")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["-received_at"], condition=Q(state="waiting"), name="desk_aside_waiting"),
        ]

    def __str__(self) -> str:
        return self.subject
