"""The engine of test calls: everybody who may be woken is really called once a month, by day, and asked to answer.

A row says that somebody's call of the month is planned; a person and a month have one row, so that nothing that is
killed or runs twice makes a second call. Nothing here is a page: no figure of incidents counts it.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.clocks.public_days import public_days
from aftercare.kernel.wall_clock import instant_of
from aftercare.notify.queries import quiet_until
from aftercare.oncall.actions.settings import settings_row
from aftercare.oncall.actions.trials import (
    NO_TIME,
    NO_WAY,
    NOT_ABLE,
    REAL_PAGE,
    STUCK,
    call,
    end_unanswered,
    fail,
    is_on_the_way,
    leave_out,
    loudest,
    postpone,
)
from aftercare.oncall.models import EscalationPolicy, OncallSettings, Page, PageState, Schedule, TrialCall, TrialState
from aftercare.oncall.queries.escalation_proof import persons_of
from aftercare.oncall.queries.reachability import month_of
from aftercare.oncall.queries.shifts import refs_in, shifts

log = logging.getLogger(__name__)

PLANNED_EVERY = timedelta(hours=1)
AHEAD = timedelta(days=31)
# Whoever joins a schedule today is not called today.
NOTICE = timedelta(days=1)
PUT_OFF = timedelta(minutes=30)
# How long the vendors are tried before the call counts as one that did not arrive.
PATIENCE = timedelta(hours=6)
# An engine that looks late must still come within the hours.
LAST_MINUTES = 15
Do = Callable[[TrialCall, OncallSettings, datetime], None]


def process_calls(now: datetime) -> int:
    """Plan, make and judge test calls; returns how many rows were looked at. Any number of processes may call it."""
    settings = settings_row(now)
    if not settings.calls:
        return 0
    if settings.calls_planned_at is None or now - settings.calls_planned_at >= PLANNED_EVERY:
        plan(settings, now)
    return each_due(TrialState.PLANNED, make, settings, now) + each_due(TrialState.CALLED, judge, settings, now)


def plan(settings: OncallSettings, now: datetime) -> None:
    """Give everybody who has none a time this month; who comes too late in it has none until the next."""
    people = may_be_woken(now)
    zones = {person.pk: ZoneInfo(person.timezone) for person in people}
    wanted = [(person, month_of(now, zones[person.pk])) for person in people]
    known = set(TrialCall.objects.filter(user__in=people).values_list("user_id", "month"))
    countries = countries_of_people()
    rows = []
    for person, month in wanted:
        if (person.pk, month) not in known:
            at = time_for(person, month, settings, now + NOTICE, countries.get(person.ref, ""))
            rows += [TrialCall(user=person, month=month, due_at=at)] if at else []
    TrialCall.objects.bulk_create(rows, ignore_conflicts=True)
    OncallSettings.objects.filter(pk=settings.pk).update(calls_planned_at=now)


def may_be_woken(now: datetime) -> list[User]:
    """Everybody on a schedule within the coming month, a fallback included, and whom a policy names."""
    held = [shift for schedule in Schedule.objects.all() for shift in shifts(schedule, now, now + AHEAD)]
    steps = [step for policy in EscalationPolicy.objects.all() for step in policy.steps]
    found = [*(user for shift in held for user in shift.users), *persons_of(steps)]
    return list({user.pk: user for user in found}.values())


def countries_of_people() -> dict[str, str]:
    """Whose public holidays the people of the schedules keep, by their refs: those of the first that they are on."""
    found: dict[str, str] = {}
    for document in Schedule.objects.order_by("pk").values_list("document", flat=True):
        for ref in refs_in(document) if "holidays" in document else ():
            found.setdefault(ref, document["holidays"].upper())
    return found


def time_for(person: User, month: date, settings: OncallSettings, earliest: datetime, country: str) -> datetime | None:
    """An instant in the month, not before `earliest`, within the hours of the settings where the person is; on a
    working day of the country (empty: from Monday to Friday) while one is left. Which it is hangs on person and month
    alone, so that calls spread.
    """
    zone = ZoneInfo(person.timezone)
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    days = [month + timedelta(days=n) for n in range((following - month).days)]
    lot = int.from_bytes(hashlib.sha256(f"{person.ref} {month}".encode()).digest()[:8])
    minute = settings.calls_from * 60 + lot % ((settings.calls_until - settings.calls_from) * 60 - LAST_MINUTES)
    public = public_days(country, month.year, month.year)
    usual = [day for day in days if public.is_workday(day)]
    for chosen in (usual, days):
        place = (lot >> 16) % len(chosen)
        for day in (*chosen[place:], *chosen[:place]):
            at = instant_of(datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute), zone)
            if at >= earliest:
                return at
    return None


def each_due(
    state: TrialState,
    do: Callable[[TrialCall, OncallSettings, datetime], None],
    settings: OncallSettings,
    now: datetime,
) -> int:
    """Do it to every row of this state that is due, each in a transaction of its own; those that others hold are
    passed over.
    """
    due = list(TrialCall.objects.filter(state=state, due_at__lte=now).order_by("due_at").values_list("pk", flat=True))
    for pk in due:
        try:
            with transaction.atomic():
                rows = TrialCall.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
                row = rows.filter(pk=pk, state=state, due_at__lte=now).first()
                if row is not None:
                    do(row, settings, now)
        except Exception:
            log.exception("test call %s could not be made or judged; put off", pk)
            TrialCall.objects.filter(pk=pk, state=state).update(due_at=now + PUT_OFF)
    return len(due)


def make(row: TrialCall, settings: OncallSettings, now: datetime) -> None:
    """Call a person whose call is due, unless they sleep, keep quiet hours, have a real page, or can
    take none any more."""
    zone = ZoneInfo(row.user.timezone)
    if not can(row.user, "acknowledge_pages"):
        leave_out(row, NOT_ABLE)
    elif not settings.calls_from <= now.astimezone(zone).hour < settings.calls_until:
        at = time_for(row.user, row.month, settings, now, countries_of_people().get(row.user.ref, ""))
        postpone(row, at) if at else leave_out(row, NO_TIME)
    elif month_of(now, zone) != row.month:
        leave_out(row, NO_TIME)
    elif has_real_page(row.user):
        postpone(row, now + PUT_OFF)
    elif (until := quiet_until(row.user, now)) is not None:
        postpone(row, until)
    elif (contact := loudest(row.user)) is None:
        fail(row, NO_WAY, now)
    else:
        call(row, contact, settings.answer_within_min, now)


def has_real_page(person: User) -> bool:
    """Whether a page is open that went to this person, or that they have taken."""
    went = Page.objects.filter(state=PageState.OPEN, notices__user=person)
    has = Page.objects.filter(state=PageState.ACKNOWLEDGED, acknowledged_by=person)
    return went.exists() or has.exists()


def judge(row: TrialCall, _settings: OncallSettings, now: datetime) -> None:
    """Nobody answered in time: not answered, or never arrived."""
    if has_real_page(row.user):
        leave_out(row, REAL_PAGE)
    elif not is_on_the_way(row):
        end_unanswered(row, now)
    elif row.called_at is not None and now - row.called_at > PATIENCE:
        fail(row, STUCK, now)
    else:
        postpone(row, now + timedelta(minutes=5))
