"""The engine of changes of shift: a note is drafted before each, and who does not sign in is looked for.

Each schedule knows when it is to be looked at next (`Schedule.look_at`), which a change of it brings forward; so a look
costs nothing while nothing comes, and an engine that stood still makes up for the last hour only.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.kernel.standing import require_current
from aftercare.notify import actions as notify
from aftercare.oncall.actions.pages import start_page
from aftercare.oncall.models import Handover, Schedule, Severity, SignIn
from aftercare.oncall.queries.duty import users_on
from aftercare.oncall.queries.handovers import draft
from aftercare.oncall.queries.shifts import Shift, shifts

log = logging.getLogger(__name__)

LEAD = timedelta(minutes=15)
BACK = timedelta(hours=1)
AHEAD = timedelta(days=30)
PUT_OFF = timedelta(minutes=1)
LEAVES = gettext_noop("Your shift on %(schedule)s ends at %(at)s: look over the hand-over note")
COMES = gettext_noop("You are on %(schedule)s from %(at)s: read the hand-over note")
MISSING = gettext_noop("%(person)s has not signed in for %(schedule)s")


def process_shifts(now: datetime) -> int:
    """Look at every schedule that is due and at everybody who should have signed in; returns how many it looked at."""
    looked = 0
    while True:
        with transaction.atomic():
            require_current()
            due = (
                Schedule.objects.select_for_update(skip_locked=True).filter(look_at__lte=now).order_by("look_at", "id")
            )
            schedule = due.first()
            if schedule is None:
                break
            schedule.look_at = next_look(schedule, now)
            schedule.save(update_fields=["look_at"])
            looked += 1
    look_for_missing(now)
    return looked


def next_look(schedule: Schedule, now: datetime) -> datetime:
    """Make the hand-overs that are near, and say when the next one will be. A schedule that cannot be reckoned is put
    off and does not hold the others.
    """
    try:
        with transaction.atomic():
            held = shifts(schedule, now - BACK, now + AHEAD)
            changes = [pair for pair in pairwise(held) if set(pair[0].users) != set(pair[1].users)]
            near = [pair for pair in changes if pair[1].starts_at <= now + LEAD]
            forget_others(schedule, [after.starts_at for _before, after in near], now)
            for before, after in near:
                begin(schedule, before, after, now)
    except Exception:
        log.exception("schedule %s could not be looked at; put off", schedule.ref)
        return now + PUT_OFF
    far = [after.starts_at - LEAD for _before, after in changes if after.starts_at > now + LEAD]
    return min([*far, now + AHEAD - BACK])


def forget_others(schedule: Schedule, instants: Sequence[datetime], now: datetime) -> None:
    """Hand-overs that were near and will not be, since the schedule was changed."""
    coming = Handover.objects.filter(schedule=schedule, at__gt=now, edited_at=None)
    coming.exclude(at__in=instants).exclude(sign_ins__signed_at__isnull=False).delete()


def begin(schedule: Schedule, before: Shift, after: Shift, now: datetime) -> None:
    """Make one hand-over, or mend it where other people come by now."""
    leaving = [user for user in before.users if user not in after.users]
    coming = [user for user in after.users if user not in before.users]
    handover, is_new = Handover.objects.get_or_create(
        schedule=schedule,
        at=after.starts_at,
        defaults={"note": lambda: note_for(leaving or coming, now)},  # type: ignore[misc] # Django calls it if need be
    )
    open_ones = handover.sign_ins.filter(signed_at=None, missed_at=None)
    open_ones.exclude(user__in=coming).delete()
    minutes = schedule.document.get("sign-in")
    # Who was asked to come only after the shift began has as long from then.
    due_at = max(after.starts_at, now) + timedelta(minutes=int(minutes)) if minutes else None
    for user in coming:
        _one, has_come = SignIn.objects.get_or_create(handover=handover, user=user, defaults={"due_at": due_at})
        if has_come:
            tell(user, COMES, handover, now)
    for user in leaving if is_new else ():
        tell(user, LEAVES, handover, now)


def note_for(people: Sequence[User], now: datetime) -> str:
    """The draft in the language of the first of these people."""
    with translation.override((people[0].language if people else "") or settings.LANGUAGE_CODE):
        return draft(now)


def tell(user: User, words: str, handover: Handover, now: datetime) -> None:
    """A notice in somebody's console, in their language and zone."""
    with translation.override(user.language or settings.LANGUAGE_CODE), timezone.override(user.timezone):
        at = date_format(timezone.localtime(handover.at), "m-d H:i")
        title = _(words) % {"schedule": handover.schedule.name, "at": at}
    path = f"/oncall/handovers/{handover.ref}"
    notify.push(user=user, kind="handover", subject_ref=handover.ref, title=title, url_path=path, now=now)


def look_for_missing(now: datetime) -> None:
    """Page about everybody who should have signed in and has not, unless somebody else holds by now."""
    due = SignIn.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        due_at__lte=now, signed_at=None, missed_at=None
    )
    with transaction.atomic():
        require_current()
        for one in due.select_related("handover__schedule", "user"):
            one.missed_at = now
            one.save(update_fields=["missed_at"])
            schedule = one.handover.schedule
            if one.user not in users_on(schedule, now):
                continue
            title, title_zh = (
                said(language) % {"person": one.user.name, "schedule": schedule.name} for language in ("en", "zh-hans")
            )
            start_page(
                subject_ref=missing_ref(one),
                severity=Severity.WARNING,
                title=title,
                title_zh=title_zh,
                url_path=f"/oncall/handovers/{one.handover.ref}",
                now=now,
            )


def said(language: str) -> str:
    """The sentence of a page about somebody who has not signed in."""
    with translation.override(language):
        return _(MISSING)


def missing_ref(one: SignIn) -> str:
    """What a page about this sign-in is about."""
    return f"shift-{one.handover.ref}-{one.user.ref}"
