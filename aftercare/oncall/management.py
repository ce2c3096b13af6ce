"""Management escalation: the people above are told when a page takes too long, beside the steps that wake.

Who is told when is written with the page, so that no later change disturbs it, and each is told in the transaction that
says so: exactly once, whoever is killed in between. It is about time alone: no step waits for it, and it for no step.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.standing import require_current
from aftercare.notify import actions as notify
from aftercare.notify.models import ContactMethod, Delivery
from aftercare.notify.queries import ANSWERABLE
from aftercare.oncall.models import ManagementNotice, ManagementRung, Page, PageNotice, PageState, Until
from aftercare.oncall.steps import Steps
from aftercare.oncall.wording import Wording, clock_time, write

log = logging.getLogger(__name__)

# Two kinds, so that an acknowledgement takes back what was about nobody having it, and nothing else.
KINDS = {Until.ACKNOWLEDGED: "page.unheard", Until.OVER: "page.not_over"}
# Steps count from 1: what is told above is none of them, so that how it ends never hurries or holds a step.
FIRING = 0
AT_ONCE = 500
PUT_OFF_S = 30


def plan_notices(page: Page, now: datetime) -> None:
    """Write who above is told when, in the transaction that begins the page or makes it red; what was planned and not
    told is over.
    """
    page.management.filter(told_at=None).delete()
    ManagementNotice.objects.bulk_create(
        ManagementNotice(
            page=page,
            user=rung.user,
            title=rung.title,
            until=rung.until,
            minutes=rung.minutes,
            due_at=now + timedelta(minutes=rung.minutes),
        )
        for rung in ManagementRung.objects.filter(severity=page.severity).select_related("user")
    )


def end_notices(page: Page, reason: str, *, is_over: bool) -> None:
    """Somebody has the page, or it is over: what still waits to be sent is taken back, and nobody more is told of a
    page that is over. One that is passed on later is due again as it was.
    """
    for until, kind in KINDS.items():
        if is_over or until == Until.ACKNOWLEDGED:
            notify.drop_pending(subject_ref=page.ref, kind=kind, reason=reason)
    if is_over:
        page.management.filter(told_at=None).delete()


def due_notices(now: datetime) -> QuerySet[ManagementNotice]:
    """Who is to be told now."""
    needed = Q(page__state=PageState.OPEN) | Q(page__state=PageState.ACKNOWLEDGED, until=Until.OVER)
    return ManagementNotice.objects.filter(needed, told_at=None, due_at__lte=now)


def process_due(now: datetime) -> int:
    """Tell everybody above who is due; returns how many pages were told of. Any number of processes may call it.

    One page is one transaction, and one that raises is put off and does not hold the others.
    """
    steps, told = Steps(now), 0
    oldest = due_notices(now).order_by("due_at", "id").values_list("page_id", flat=True)[:AT_ONCE]
    for page_id in dict.fromkeys(oldest):
        try:
            told += tell_of(page_id, steps)
        except Exception:
            log.exception("page %s: the people above could not be told; put off", page_id)
            due_notices(now).filter(page=page_id).update(due_at=now + timedelta(seconds=PUT_OFF_S))
    return told


@transaction.atomic
def tell_of(page_id: int, steps: Steps) -> int:
    """Tell who is due of this page; 0 where another process has it, or it was acknowledged meanwhile."""
    require_current()
    page = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=page_id).first()
    if page is None:
        return 0
    due = list(due_notices(steps.now).filter(page=page).select_related("user"))
    for notice in due:
        tell(page, notice, steps)
    ManagementNotice.objects.filter(pk__in=[notice.pk for notice in due]).update(told_at=steps.now)
    return min(len(due), 1)


def tell(page: Page, notice: ManagementNotice, steps: Steps) -> None:
    """One outbox row for each way to reach the person; everyone who manages the on-call where the person has left."""
    is_there = notice.user.is_active and notice.user.is_provider
    people = [notice.user] if is_there else steps.managers
    drafts = [
        (person, draft_of(page, notice, person, contact, steps))
        for person in people
        for contact in steps.contacts_of(person)
    ]
    kept = notify.send_all([draft for _person, draft in drafts]) if drafts else []
    PageNotice.objects.bulk_create(
        PageNotice(page=page, user=person, channel=delivery.channel, delivery=delivery, firing=FIRING, at=steps.now)
        for (person, _draft), delivery in zip(drafts, kept, strict=True)
    )
    audit.record(
        actor=None,
        action="page.management",
        subject=page.ref,
        customer_id=page.customer_id,
        detail={
            "about": page.subject_ref,
            "told": [person.ref for person in people],
            "title": notice.title,
            "minutes": notice.minutes,
        },
        now=steps.now,
    )


def draft_of(page: Page, notice: ManagementNotice, person: User, contact: ContactMethod, steps: Steps) -> Delivery:
    """A page's message in other words, which its reader may answer where they may take pages."""
    words = Wording().words_to(page, person)
    draft = write(page, person, contact, words, not_before=steps.not_before(page, person), now=steps.now)
    with translation.override(person.language or settings.LANGUAGE_CODE), timezone.override(person.timezone):
        title = _("Escalated to you: %(title)s") % {"title": page.display_title}
        draft.title, draft.body = title[:300], words_of(page, notice)
    draft.kind = KINDS[Until(notice.until)]
    if not can(person, "acknowledge_pages"):
        draft.data = {key: value for key, value in draft.data.items() if key not in (ANSWERABLE, "acknowledge_url")}
    return draft


def words_of(page: Page, notice: ManagementNotice) -> str:
    """Why somebody above is told, and as what, in the present language."""
    told = {
        "severity": page.get_severity_display(),
        "opened": clock_time(page.opened_at),
        "minutes": notice.minutes,
        "person": page.acknowledged_by.name if page.acknowledged_by else "",
    }
    if page.state == PageState.OPEN:
        said = _(
            "%(severity)s, since %(opened)s. Nobody has it after %(minutes)s min; the on-call goes on being woken."
        )
    elif page.acknowledged_by:
        said = _("%(severity)s, since %(opened)s. %(person)s has it, but it is not over after %(minutes)s min.")
    else:
        said = _("%(severity)s, since %(opened)s. It is not over after %(minutes)s min.")
    role = _("You are told as %(role)s.") % {"role": notice.title} if notice.title else ""
    return f"{said % told} {role}".strip()
