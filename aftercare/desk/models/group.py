"""Dedicated service groups: a long-lived room of one customer with named experts, in the customer's own app."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref

GROUP_REPLY = "group_reply"  # the kind of a group's first-reply clock


class Group(models.Model):
    """One group chat of a vendor. Every message of the customer's starts the first-reply clock by itself.

    `reply_target_s` counts in `calendar`'s hours, around the clock without one.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="groups")
    account = models.ForeignKey("notify.Account", on_delete=models.PROTECT, related_name="groups")
    chat_id = models.CharField(_("the vendor's id of the group"), max_length=200)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=16, default="zh-hans")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    calendar = models.ForeignKey("clocks.Calendar", on_delete=models.PROTECT, null=True, related_name="+")
    reply_target_s = models.PositiveIntegerField(_("first reply within (seconds)"), default=300)
    enabled = models.BooleanField(_("in use"), default=True)
    hears_incidents = models.BooleanField(_("hears updates of incidents"), default=True)
    waiting_since = models.DateTimeField(null=True)  # the oldest words of the customer nobody has answered
    updated_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("service group")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "chat_id"], name="desk_group_once")]

    def __str__(self) -> str:
        return in_readers_language(self.name, self.name_zh)
