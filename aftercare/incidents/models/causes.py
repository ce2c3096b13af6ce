"""What a person said of customers that the resource map ties to an incident's cause."""

from django.conf import settings
from django.db import models


class SparedCustomer(models.Model):
    """A customer that the map says an incident's cause serves, and that somebody says it does not touch."""

    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="spared")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "customer"], name="incident_spared_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.customer_id}"
