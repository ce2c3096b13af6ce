"""The weekly mail of the coverage, to everyone who manages the on-call: once a week, whatever is killed in between."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from aftercare.accounts.models import User
from aftercare.kernel.wall_clock import instant_of
from aftercare.notify import actions as notify
from aftercare.notify.models import Channel
from aftercare.oncall.actions.settings import settings_row
from aftercare.oncall.models import CoverageMail, OncallSettings, Schedule
from aftercare.oncall.queries.coverage import Coverage, coverage
from aftercare.oncall.queries.coverage_words import lines_of, title_of
from aftercare.oncall.queries.reachability import Reachability, reachability
from aftercare.oncall.steps import managers

KIND = "oncall.coverage"


def process_weekly(now: datetime) -> int:
    """Mail the coverage where this week's mail is due and was not written; returns how many people it went to.

    The row of the week and the outbox rows are one transaction: killed before it ends, nothing was written; of two
    processes the second waits for the first one's row, and then has nothing to do. Without schedules nobody is mailed.
    """
    asked = settings_row(now)
    due = last_due(asked, now)
    week = (due - timedelta(days=asked.mail_weekday)).date()
    if not asked.mails or instant_of(due, ZoneInfo(asked.timezone)) <= asked.since:
        return 0
    if CoverageMail.objects.filter(week=week).exists() or not Schedule.objects.exists():
        return 0
    with transaction.atomic():
        _row, is_new = CoverageMail.objects.get_or_create(week=week, defaults={"at": now})
        if not is_new:
            return 0
        found, reached, people = coverage(now), reachability(now), managers()
        for person in people:
            tell(person, found, reached, now)
    return len(people)


def last_due(asked: OncallSettings, now: datetime) -> datetime:
    """When the mail was due last, by the wall clock of its zone."""
    local = now.astimezone(ZoneInfo(asked.timezone)).replace(tzinfo=None)
    day = local.date() - timedelta(days=(local.weekday() - asked.mail_weekday) % 7)
    due = datetime.combine(day, datetime.min.time()) + timedelta(hours=asked.mail_hour)
    return due if due <= local else due - timedelta(weeks=1)


def tell(person: User, found: Coverage, reached: Reachability, now: datetime) -> None:
    """One person's mail, in their language and zone; a notice in their console where no mail server is set up."""
    with translation.override(person.language or settings.LANGUAGE_CODE), timezone.override(person.timezone):
        title, body = title_of(found), "\n".join(lines_of(found, reached))
    channel, address = (Channel.EMAIL, person.email) if settings.EMAIL_HOST else (Channel.PUSH, "")
    notify.send(
        user=person,
        channel=channel,
        address=address,
        kind=KIND,
        subject_ref="coverage",
        title=title,
        body=body,
        url_path="/oncall/coverage",
        now=now,
    )
