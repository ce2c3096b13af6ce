"""How fast groups are answered: counted from the first-reply clocks, in opening seconds; no data is None, never 0.

Words that were owed no answer (a cancelled clock) are not counted, unless they had been late before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from aftercare.accounts.models import User
from aftercare.clocks.models import Clock
from aftercare.clocks.queries import clocks_going
from aftercare.desk.models import GROUP_REPLY, Group

# One row for each key: questions counted, answered, median and 90th percentile of the answered, late, waiting now.
COUNTED = """
    count(*),
    count(*) filter (where clock.state = 'stopped'),
    percentile_cont(0.5) within group (order by clock.spent_s) filter (where clock.state = 'stopped'),
    percentile_cont(0.9) within group (order by clock.spent_s) filter (where clock.state = 'stopped'),
    count(*) filter (where clock.breached_at is not null),
    count(*) filter (where clock.state in ('running', 'paused'))
"""

BY_GROUP = f"""
    select grp.id, {COUNTED}
    from clocks_clock clock join desk_group grp on grp.ref = clock.subject_ref
    where clock.kind = %s and grp.id = any(%s) and (clock.state <> 'cancelled' or clock.breached_at is not null)
      and clock.started_at >= %s and clock.started_at < %s
    group by grp.id
"""

# Whose words stopped the clock: the message of ours at the instant that it stopped.
BY_PERSON = f"""
    select answer.author_id, {COUNTED}
    from clocks_clock clock
    join desk_group grp on grp.ref = clock.subject_ref
    join lateral (
        select message.author_id from desk_message message
        where message.group_id = grp.id and message.created_at = clock.stopped_at and message.side = 'provider'
        order by message.id limit 1
    ) answer on true
    where clock.kind = %s and grp.id = any(%s) and clock.state = 'stopped'
      and clock.started_at >= %s and clock.started_at < %s
    group by answer.author_id
"""


@dataclass(frozen=True)
class Figures:
    """Reply figures over a period; `median_s` and `p90_s` are None where nothing was answered."""

    asked: int = 0
    answered: int = 0
    median_s: float | None = None
    p90_s: float | None = None
    late: int = 0
    waiting: int = 0

    @property
    def in_time_share(self) -> float | None:
        """Per cent of the questions that were answered and not late; None where none was settled."""
        settled = self.asked - self.waiting
        return 100 * (settled - min(self.late, settled)) / settled if settled else None

    @property
    def settled(self) -> int:
        """The volume of that share."""
        return self.asked - self.waiting


NOTHING = Figures()


def figures_by_group(group_ids: Sequence[int], since: datetime, until: datetime) -> dict[int, Figures]:
    """Figures of each group that was asked anything in the period."""
    return counted(BY_GROUP, group_ids, since, until)


def figures_by_person(group_ids: Sequence[int], since: datetime, until: datetime) -> dict[int | None, Figures]:
    """Figures of each of our people by what they answered themselves; None is somebody whose account we do not know."""
    return counted(BY_PERSON, group_ids, since, until)


def counted(sql: str, group_ids: Sequence[int], since: datetime, until: datetime) -> dict[Any, Figures]:
    """Run one of the statements."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [GROUP_REPLY, list(group_ids), since, until])
        return {key: Figures(*rest) for key, *rest in cursor.fetchall()}


def beside(groups: Sequence[Group], days: int, now: datetime) -> tuple[dict[str, Clock], dict[int, Figures]]:
    """The running clock and the figures of each group."""
    going = clocks_going(group.ref for group in groups).filter(kind=GROUP_REPLY)
    figures = figures_by_group([group.pk for group in groups], now - timedelta(days=days), now)
    return {clock.subject_ref: clock for clock in going}, figures


def people_figures(group_ids: Sequence[int], days: int, now: datetime) -> list[tuple[User | None, Figures]]:
    """Each of our people with what they answered, the busiest first."""
    figures = figures_by_person(group_ids, now - timedelta(days=days), now)
    people = User.objects.in_bulk([key for key in figures if key is not None])
    rows = [(people.get(key) if key else None, counted) for key, counted in figures.items()]
    return sorted(rows, key=lambda row: -row[1].answered)
