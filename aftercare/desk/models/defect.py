"""Tickets that are a defect in somebody's tracker too."""

from django.conf import settings
from django.db import models

from aftercare.kernel.ids import new_ref


class DefectLink(models.Model):
    """A ticket and its defect in one tracker (`account`). `key` is the tracker's own id, once it has told it."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="defects")
    account = models.ForeignKey("notify.Account", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=128, blank=True)
    url = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "account"], name="desk_defect_once")]
        indexes = [models.Index(fields=["account", "key"], name="desk_defect_key")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.key}"
