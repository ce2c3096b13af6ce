"""Where one shift ends and another begins: the note that is handed over, and who has said that they are there."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.ids import new_ref


class Handover(models.Model):
    """A change of people on a schedule. `note` is drafted from the records, and anybody's of the staff to better."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    schedule = models.ForeignKey("oncall.Schedule", on_delete=models.CASCADE, related_name="handovers")
    at = models.DateTimeField()
    note = models.TextField(_("note"), blank=True)
    version = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    edited_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hand-over")
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["schedule", "at"], name="one_handover_at_an_instant")]

    def __str__(self) -> str:
        return self.ref


class SignIn(models.Model):
    """Somebody who comes on duty. Where the schedule asks for it they sign in until `due_at`, or others are paged."""

    handover = models.ForeignKey("oncall.Handover", on_delete=models.CASCADE, related_name="sign_ins")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["handover", "user"], name="one_sign_in_a_person")]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(signed_at__isnull=True, missed_at__isnull=True), name="sign_in_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.user_id}"
