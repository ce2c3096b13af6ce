"""Requests to export or erase everything about one end user."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class DataRequest(models.Model):
    """One request about one end user of a customer; the identifier itself is never stored, only its hash."""

    class Kind(models.TextChoices):
        """What is asked for."""

        EXPORT = "export", _("Export")
        ERASE = "erase", _("Erase")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="data_requests")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    identifier_hash = models.BinaryField(max_length=16)
    requested_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("data request")
        ordering = ["-id"]
        indexes = [models.Index(fields=["done_at", "id"], name="data_request_open")]

    @property
    def identifier_hex(self) -> str:
        """The hash as people compare it."""
        return bytes(self.identifier_hash).hex()

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
