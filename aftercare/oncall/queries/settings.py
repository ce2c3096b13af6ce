"""What the provider asks of its on-call."""

from datetime import datetime, timedelta

from aftercare.oncall.models import OncallSettings
from aftercare.oncall.roster.proof import Limits


def oncall_settings(now: datetime) -> OncallSettings:
    """The settings; the usual ones, not kept yet, where nobody has touched them."""
    return OncallSettings.objects.first() or OncallSettings(since=now)


def limits_of(settings: OncallSettings) -> Limits:
    """What one person may be asked for."""
    hours = [None if n is None else timedelta(hours=n) for n in (settings.longest_h, settings.most_hours)]
    return Limits(hours[0], hours[1], settings.most_nights)
