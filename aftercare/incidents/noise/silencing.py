"""Which alerts a silence holds."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from aftercare.incidents.models import HeldFor, Silence
from aftercare.incidents.noise.matching import match_of
from aftercare.incidents.noise.types import Hold
from aftercare.watch.models import Alert, Severity


def running(now: datetime) -> QuerySet[Silence]:
    """The silences that hold alerts at this instant, the one that ends last first. One that was told is over."""
    return Silence.objects.filter(told_at=None, starts_at__lte=now, ends_at__gt=now).order_by("-ends_at", "pk")


def silenced(alerts: Sequence[Alert], now: datetime) -> dict[int, Hold]:
    """Those of the alerts that somebody silenced. One red is never held by a silence of warnings."""
    silences = [(silence, match_of(silence.match)) for silence in running(now)]
    found = {}
    for alert in alerts:
        for silence, match in silences:
            if (silence.holds_red or alert.severity != Severity.RED) and match.fits(alert):
                found[alert.pk] = Hold(HeldFor.SILENCE, silence_id=silence.pk)
                break
    return found
