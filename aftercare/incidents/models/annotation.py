"""What people write under a line of an incident's timeline."""

from django.conf import settings
from django.db import models


class Annotation(models.Model):
    """A colleague's words under one line; `text` is the newest, `number` how often it was written. What it said before
    is in `versions`. Withdrawn it is shown no more, and stays.
    """

    entry = models.ForeignKey("incidents.TimelineEntry", on_delete=models.CASCADE, related_name="annotations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    number = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.entry_id} #{self.pk} v{self.number}"


class AnnotationVersion(models.Model):
    """What an annotation said until it was written anew; `at` is when it was written."""

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["annotation", "number"], name="annotation_version_once")]

    def __str__(self) -> str:
        return f"{self.annotation_id} v{self.number}"
