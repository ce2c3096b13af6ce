"""When a heartbeat is expected next.

Cron expressions are read by cronsim, which does what Debian's cron does (cron(8)): a time that the clocks skip is the
first instant that exists, one that they repeat comes once, and what stands at every minute or hour goes by the real
time that passes.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from aftercare.kernel.errors import Refused
from aftercare.watch.heartbeats.types import HeartbeatFacts
from aftercare.watch.models import Heartbeat

# The names that crontab(5) has for whole expressions; @reboot is none that could be waited for.
NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
FIELDS = 5


def expected_after(scheduled: Heartbeat | HeartbeatFacts, base: datetime) -> datetime:
    """When the next ping is expected after `base` (UTC), in UTC. Raises Refused for an expression without a next time.

    A zone whose rules are gone from the system counts as UTC: a heartbeat must not fall silent with them.
    """
    if scheduled.every_s is not None:
        return base + timedelta(seconds=scheduled.every_s)
    return next_time(scheduled.cron, zone_of(scheduled.timezone), base)


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def next_time(expression: str, zone: ZoneInfo, base: datetime) -> datetime:
    """The first time of a cron expression after `base`, in UTC. Raises Refused with what is wrong with it."""
    fields = NAMED.get(expression.strip().lower(), expression)
    if len(fields.split()) != FIELDS:
        raise Refused("wrong number of fields")
    try:
        for local in CronSim(fields, base.astimezone(zone)):
            found = local.astimezone(UTC)
            # Within an hour that is repeated, the wall clock's next time may be one that has been already.
            if found > base:
                return found
    except (CronSimError, OverflowError, ValueError) as error:
        raise Refused(str(error)) from None
    raise Refused("no such day ever comes")
