"""API tokens: what a program shows to act as the person who made it."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class ApiToken(models.Model):
    """A token of one person: it may do what that person may, for as long as they may. Only its fingerprint is kept."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField(_("label"), max_length=80)
    prefix = models.CharField(max_length=8)
    fingerprint = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API token")
        ordering = ["-id"]
        indexes = [models.Index(fields=["user"], condition=Q(revoked_at__isnull=True), name="accounts_tokens_working")]

    def __str__(self) -> str:
        return self.label

    def works(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
