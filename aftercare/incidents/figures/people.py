"""What pages ask of people: whether the first ones answer, and how often each is woken."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftercare.accounts.models import User
from aftercare.incidents.figures.times import told
from aftercare.incidents.figures.types import Counted, Row, Wanted, percent
from aftercare.incidents.models import IncidentCustomer
from aftercare.oncall.queries import (
    Disturbance,
    FirstStep,
    Reachability,
    disturbances,
    first_steps,
    pages_between,
    reachability,
)

# By the person's own clock: from 22:00 until before 06:00.
NIGHT_FROM, NIGHT_TO = 22, 6


def of_people(wanted: Wanted, now: datetime) -> list[Counted]:
    """Reachability of duty (per cent), pages per person per week and per night."""
    subjects: list[str] = []
    if wanted.customer is not None:
        touched = IncidentCustomer.objects.filter(customer=wanted.customer)
        subjects = list(touched.values_list("incident__ref", flat=True))
    customer_id = wanted.customer.pk if wanted.customer else None
    pages = pages_between(
        wanted.start, wanted.end, severity=wanted.severity, customer_id=customer_id, subjects=subjects
    )
    return [reached(first_steps(pages), reachability(now)), *woken(disturbances(pages), wanted)]


def reached(steps: Sequence[FirstStep], trials: Reachability) -> Counted:
    """The share of pages that the first people took, beside this month's test calls."""
    judged = [one for one in steps if one.answered is not None]
    answered, unknown = sum(bool(one.answered) for one in judged), len(steps) - len(judged)
    said = ngettext("%d was over, or waits, before it went on", "%d were over, or wait, before they went on", unknown)
    beside = [told(unknown, said)]
    if trials.measured:
        facts = {"answered": trials.answered, "measured": trials.measured}
        beside.append(_("This month's test calls: %(answered)d of %(measured)d answered") % facts)
    else:
        beside.append(_("This month's test calls: none made yet"))
    rows = [page_row(one) for one in sorted(steps, key=lambda one: (one.answered is not False, one.page.opened_at))]
    value = percent(answered, len(judged))
    return Counted("duty", value, len(judged), beside=[one for one in beside if one], rows=rows)


def page_row(step: FirstStep) -> Row:
    """One page with how long it took until somebody had it, in seconds."""
    page = step.page
    words = {
        True: _("the first people answered"),
        False: _("the first people did not answer"),
        None: _("over, or waiting, before it went on"),
    }
    since, until = page.opened_at, page.acknowledged_at
    return Row(
        title=page.display_title,
        path=f"/pages/{page.ref}",
        about=page.acknowledged_by.name if page.acknowledged_by else "",
        since=since,
        until=until,
        value=(until - since).total_seconds() if until else None,
        word=words[step.answered],
        is_bad=step.answered is False,
    )


def woken(found: Sequence[Disturbance], wanted: Wanted) -> list[Counted]:
    """Pages per person per week and per night, each with a row for each person's week, the hardest first."""
    people = User.objects.in_bulk({one.user_id for one in found})
    weeks: Counter[tuple[int, date]] = Counter()
    nights: Counter[tuple[int, date]] = Counter()
    for one in found:
        local = one.at.astimezone(ZoneInfo(people[one.user_id].timezone))
        week = (one.user_id, local.date() - timedelta(days=local.weekday()))
        weeks[week] += 1
        nights[week] += is_night(local)
    said = ngettext("%d person was reached for", "%d people were reached for", len(people))
    return [
        Counted(
            key,
            sum(counts.values()) / len(people) / (wanted.days / period_days) if people else None,
            sum(counts.values()),
            beside=[told(len(people), said)] if people else [],
            rows=week_rows(people, counts, nights),
        )
        for key, counts, period_days in (("weekly", weeks, 7), ("nightly", nights, 1))
    ]


def is_night(local: datetime) -> bool:
    """Whether it is night by this clock on the wall."""
    return local.hour >= NIGHT_FROM or local.hour < NIGHT_TO


def week_rows(
    people: dict[int, User], counts: Counter[tuple[int, date]], nights: Counter[tuple[int, date]]
) -> list[Row]:
    """Each person's week (from its Monday) with its count, and how many of them by night."""
    rows = []
    for user_id, monday in sorted(counts, key=lambda key: (-counts[key], -nights[key], key[1], people[key[0]].name)):
        if not counts[user_id, monday]:
            continue
        of_night = nights[user_id, monday]
        word = ngettext("%d by night", "%d by night", of_night) % of_night if of_night else _("none by night")
        zone = ZoneInfo(people[user_id].timezone)
        since = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
        facts = {"name": people[user_id].name, "day": f"{monday:%Y-%m-%d}"}
        title = _("%(name)s, week from %(day)s") % facts
        value = counts[user_id, monday]
        rows.append(Row(title, "", people[user_id].name, since, None, value, word, is_bad=of_night > 0))
    return rows
