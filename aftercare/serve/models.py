"""Which version of the engines works on this database."""

from django.db import models


class EngineVersion(models.Model):
    """One row: the newest version that was started here, and when. Older processes take nothing more."""

    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version} since {self.at:%F %T}"
