"""What a heartbeat's settings may be."""

import zoneinfo
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.heartbeats.schedule import expected_after
from aftercare.watch.heartbeats.types import HeartbeatFacts
from aftercare.watch.models import Severity

LEAST_EVERY_S, LEAST_GRACE_S, LEAST_RUN_S = 10, 10, 1
MOST_S = 400 * 86_400
LONGEST_CRON = 100


def check(facts: HeartbeatFacts, now: datetime | None = None) -> None:
    """Raises Refused with a sentence for settings that make no sense."""
    if not facts.name.strip() or not facts.name.isprintable() or len(facts.name) > 80:
        raise Refused(_("Give the heartbeat a name of visible characters, 80 at most."))
    if facts.severity not in Severity.values:
        raise Refused(_("There is no such severity."))
    if (facts.every_s is None) == (not facts.cron):
        raise Refused(_("Say how often it is expected, or by which cron expression: one of the two."))
    if facts.every_s is not None:
        check_seconds(facts.every_s, LEAST_EVERY_S)
    check_seconds(facts.grace_s, LEAST_GRACE_S)
    if facts.longest_run_s is not None:
        check_seconds(facts.longest_run_s, LEAST_RUN_S)
    if facts.timezone not in zoneinfo.available_timezones():
        raise Refused(_("There is no time zone of this name: Asia/Shanghai is one."))
    if facts.cron:
        check_cron(facts, now or datetime.now(UTC))


def check_seconds(seconds: int, least: int) -> None:
    """Raises Refused unless a span is within bounds."""
    if not least <= seconds <= MOST_S:
        raise Refused(
            _("A span of time here is %(least)d seconds to %(most)d days.") % {"least": least, "most": MOST_S // 86_400}
        )


def check_cron(facts: HeartbeatFacts, now: datetime) -> None:
    """Raises Refused unless the expression is one whose times come."""
    said = {"cron": facts.cron[:LONGEST_CRON]}
    try:
        if len(facts.cron) > LONGEST_CRON:
            raise Refused("too long")
        following = expected_after(facts, now)
    except Refused:
        raise Refused(
            _("“%(cron)s” is not a cron expression of five fields: 30 2 * * 1-5 is one, and so is @daily.") % said
        ) from None
    if following - now > timedelta(days=5 * 366):
        raise Refused(_("The times of “%(cron)s” do not come within five years.") % said)
