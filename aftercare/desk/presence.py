"""Who is at the desk."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from aftercare.accounts.models import User
from aftercare.desk.models import PresenceInterval, PresenceState

# The console says every minute that it is there; without a word for this long, nobody is.
SILENCE = timedelta(minutes=5)
OFF = "off"


def who_is_on(now: datetime) -> QuerySet[User]:
    """Our people who are on now and whose console was heard of lately."""
    here = PresenceInterval.objects.filter(
        ended_at__isnull=True, state=PresenceState.ON, seen_at__gt=now - SILENCE
    ).values("user")
    return User.objects.filter(pk__in=here, is_active=True, customer__isnull=True)


def presence_of(user: User) -> str:
    """`on`, `away` or `off`."""
    state = PresenceInterval.objects.filter(user=user, ended_at__isnull=True).values_list("state", flat=True).first()
    return state or OFF
