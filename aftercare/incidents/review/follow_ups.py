"""What is to be done so that it does not happen again: owners are reminded, and what is overdue comes back."""

import logging
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.audit import actions as audit
from aftercare.incidents.models import Drill, FollowUp, FollowUpState, Incident, Kind
from aftercare.incidents.review.duty import zone_of_provider
from aftercare.incidents.review.judging import plain
from aftercare.incidents.review.notices import tell
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)

BATCH = 50
AT_MOST = 100
LEASE = timedelta(minutes=1)
MORNING = time(9, 0)  # of the provider's day
BEFORE = timedelta(days=2)
WEEK = timedelta(days=7)


@transaction.atomic
def add_follow_up(
    *,
    incident: Incident | None = None,
    drill: Drill | None = None,
    title: str,
    title_zh: str,
    owner: User | None,
    due_on: date | None,
    is_root_fix: bool = False,
    actor: User,
    now: datetime,
) -> FollowUp:
    """Something to be done by somebody until the end of a day, of one incident or one drill.

    Raises Refused without words, owner or day, for a day that is past, for one too many, and for a second root fix.
    """
    words, words_zh = " ".join(plain(title).split()), " ".join(plain(title_zh).split())
    zone = zone_of_provider(now)
    today = now.astimezone(zone).date()
    if not words and not words_zh:
        raise Refused(_("Say what is to be done."))
    if owner is None or not (owner.is_active and owner.is_provider):
        raise Refused(_("Choose one of our own people: what nobody owns is not done."))
    if due_on is None or not today <= due_on <= today + timedelta(days=730):
        raise Refused(_("Choose a day from today on, within two years."))
    origin = {"incident": incident, "drill": drill}
    if FollowUp.objects.filter(**origin).count() >= AT_MOST:
        raise Refused(_("There are %(limit)s follow-ups at most.") % {"limit": AT_MOST})
    try:
        with transaction.atomic():
            row = FollowUp.objects.create(
                **origin,
                title=(words or words_zh)[:200],
                title_zh=words_zh[:200],
                owner=owner,
                due_on=due_on,
                is_root_fix=is_root_fix and incident is not None,
                created_at=now,
                created_by=actor,
                notice_at=first_notice(due_on, now, zone),
            )
    except IntegrityError:
        raise Refused(_("The incident has a root fix already: finish or drop that one.")) from None
    told(row, Kind.FOLLOW_UP, actor, now, people=[owner.name])
    return row


@transaction.atomic
def end_follow_up(*, ref: str, state: str, reason: str, actor: User, now: datetime) -> FollowUp:
    """It is done, or dropped for a reason. Twice counts once.

    Raises Refused for one that is not there, for another state, and for dropping without a reason.
    """
    row = FollowUp.objects.select_for_update(of=("self",)).select_related("incident", "drill").filter(ref=ref).first()
    if row is None:
        raise Refused(_("This follow-up is no longer there."))
    if row.state != FollowUpState.OPEN:
        return row
    reason = plain(reason)[:500]
    if state not in (FollowUpState.DONE, FollowUpState.DROPPED):
        raise Refused(_("A follow-up ends done or dropped."))
    if state == FollowUpState.DROPPED and not reason:
        raise Refused(_("Say why it is dropped: without a reason it comes back."))
    row.state, row.reason, row.notice_at = state, reason, None
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["state", "reason", "notice_at", "ended_at", "ended_by"])
    kind = Kind.FOLLOW_UP_DONE if state == FollowUpState.DONE else Kind.FOLLOW_UP_DROPPED
    told(row, kind, actor, now, text=reason)
    return row


def told(row: FollowUp, kind: Kind, actor: User, now: datetime, **data: Any) -> None:
    """The line of the incident's timeline, and the audit row."""
    if row.incident is not None:
        data |= {"sentence": row.title, "sentence_zh": row.title_zh or row.title}
        write_entry(row.incident, kind, now=now, actor=actor, **data)
    audit.record(actor=actor, action=f"incident.{kind}", subject=row.ref, customer_id=None, detail={}, now=now)


def first_notice(due_on: date, now: datetime, zone: ZoneInfo) -> datetime:
    """Two mornings before, else on the day itself, else the morning after."""
    return next(at for at in mornings(due_on, zone) if at > now)


def mornings(due_on: date, zone: ZoneInfo) -> list[datetime]:
    """When reminders of a day come, before they come weekly."""
    morning = datetime.combine(due_on, MORNING, zone)
    return [morning - BEFORE, morning, morning + timedelta(days=1)]


def remind_due(now: datetime) -> int:
    """Remind owners of what is due, each in its own transaction; returns how many. Safe in several processes."""
    done = 0
    for _one in range(BATCH):
        pk = None
        try:
            with transaction.atomic():
                due = FollowUp.objects.select_for_update(skip_locked=True, of=("self",)).filter(notice_at__lte=now)
                row = due.select_related("owner").order_by("notice_at", "pk").first()
                if row is None:
                    return done
                pk = row.pk
                remind(row, now)
                done += 1
        except Exception:
            if pk is None:
                raise
            log.exception("follow-up %s could not be told of; tried again later", pk)
            FollowUp.objects.filter(pk=pk).update(notice_at=now + LEASE)
    return done


def remind(row: FollowUp, now: datetime) -> None:
    """Tell the owner, once it is overdue whoever manages as well; then say when it comes back."""
    zone = zone_of_provider(now)
    is_overdue = now.astimezone(zone).date() > row.due_on
    people = {row.owner} if can(row.owner, "act_on_incidents") else set()
    if is_overdue or not people:
        people |= set(list_staff_with("manage_oncall"))
    for person in sorted(people, key=lambda one: one.pk):
        tell(
            person,
            kind="incident.follow_up",
            subject_ref=row.ref,
            words=partial(reminder, row, is_overdue),
            url_path="/post-mortems",
            now=now,
        )
    ahead = next((at for at in mornings(row.due_on, zone) if at > now), None)
    row.notice_at, row.notices = ahead or weekly(row.due_on, now, zone), row.notices + 1
    row.save(update_fields=["notice_at", "notices"])


def reminder(row: FollowUp, is_overdue: bool) -> tuple[str, str]:
    """Title and body, in the language that is active."""
    title = _("Overdue follow-up: %(what)s") if is_overdue else _("Follow-up is due: %(what)s")
    values = {"day": row.due_on.isoformat(), "name": row.owner.name}
    body = _("Due %(day)s, by %(name)s. It comes back until it is done or dropped with a reason.")
    return title % {"what": row.display_title}, body % values


def weekly(due_on: date, now: datetime, zone: ZoneInfo) -> datetime:
    """The next morning after `now` that lies whole weeks after the first overdue one, whatever was slept through."""
    first = datetime.combine(due_on + timedelta(days=1), MORNING, zone)
    weeks = int((now - first) / WEEK) + 1
    return datetime.combine((first + weeks * WEEK).date(), MORNING, zone)


def open_follow_ups() -> QuerySet[FollowUp]:
    """Everything that is still to be done, the most overdue first."""
    rows = FollowUp.objects.filter(state=FollowUpState.OPEN)
    return rows.select_related("owner", "incident", "drill__runbook").order_by("due_on", "pk")


def of_incident(incident: Incident) -> QuerySet[FollowUp]:
    """An incident's follow-ups, what is open first."""
    return incident.follow_ups.select_related("owner", "ended_by").order_by("-state", "due_on", "pk")


def root_fix_of(incident: Incident) -> FollowUp | None:
    """What removes the cause, open or done; None where nobody has named it."""
    rows = incident.follow_ups.filter(is_root_fix=True).exclude(state=FollowUpState.DROPPED)
    return rows.select_related("owner").first()
