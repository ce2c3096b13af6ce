"""What a customer thought of how a ticket was solved."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from aftercare.kernel.ids import new_ref

POINTS = [MinValueValidator(1), MaxValueValidator(5)]
QUESTIONS = ("expertise", "attitude", "communication")


class Rating(models.Model):
    """The question after one solving, and its answer: three marks from 1 (bad) to 5 (very good), all or none.

    Made when the ticket is solved, so that "not answered" can be counted. `first_contact` is the customer's own word
    on whether it was solved at the first go; None leaves it to what the records say.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="ratings")
    solved_at = models.DateTimeField()
    solved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expertise = models.PositiveSmallIntegerField(null=True, validators=POINTS)
    attitude = models.PositiveSmallIntegerField(null=True, validators=POINTS)
    communication = models.PositiveSmallIntegerField(null=True, validators=POINTS)
    words = models.TextField(blank=True)
    first_contact = models.BooleanField(null=True)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    by_link = models.BooleanField(default=False)
    rated_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-solved_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "solved_at"], name="desk_rating_once"),
            models.CheckConstraint(
                condition=Q(rated_at=None, expertise=None, attitude=None, communication=None)
                | Q(
                    rated_at__isnull=False,
                    expertise__range=(1, 5),
                    attitude__range=(1, 5),
                    communication__range=(1, 5),
                ),
                name="desk_rating_whole",
            ),
        ]
        indexes = [models.Index(fields=["solved_at"], name="desk_rating_solved")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.solved_at:%F %T}"
