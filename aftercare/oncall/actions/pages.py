"""Starting, acknowledging, passing on and closing pages."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.oncall.events import PageAcknowledged
from aftercare.oncall.management import end_notices, plan_notices
from aftercare.oncall.models import Page, PageSeen, PageState, Severity
from aftercare.oncall.queries.policy import policy_snapshot
from aftercare.oncall.speaking import follow_up
from aftercare.oncall.steps import take_step
from aftercare.oncall.thumbnail import Point, thinned
from aftercare.oncall.wording import PAGE_KIND

HAS_IT = gettext_noop("%(person)s has it: %(title)s")
HANDLED = gettext_noop("Acknowledged: %(title)s")
IS_OVER = gettext_noop("Over: %(title)s")
BECAME_RED = gettext_noop("The page became red.")
WAS_ACKNOWLEDGED = gettext_noop("The page was acknowledged.")
WAS_PASSED_ON = gettext_noop("The person passed the page on.")
WAS_CLOSED = gettext_noop("The page was closed.")


@transaction.atomic
def start_page(
    *,
    subject_ref: str,
    severity: str,
    title: str,
    title_zh: str = "",
    url_path: str,
    customer_id: int | None = None,
    now: datetime,
) -> Page:
    """Wake the first step's people about a subject. One subject has one live page: a second call returns it,
    made red where it was a warning: started over, if nobody has it yet, by the policy for red pages where that is
    another.
    """
    page, is_new = Page.objects.select_for_update(of=("self",)).get_or_create(
        subject_ref=subject_ref,
        state__in=[PageState.OPEN, PageState.ACKNOWLEDGED],
        defaults={
            "state": PageState.OPEN,
            "severity": Severity(severity),
            "title": title[:200],
            "title_zh": title_zh[:200],
            "url_path": url_path,
            "customer_id": customer_id,
            "policy_snapshot": policy_snapshot(customer_id, severity),
            "opened_at": now,
            "next_step_at": now,
        },
    )
    if is_new:
        keep_record("page.start", page, None, now, severity=page.severity, policy=page.policy_snapshot)
        plan_notices(page, now)
        take_step(page, now)
    elif severity == Severity.RED and page.severity == Severity.WARNING:
        page.severity, page.title, page.title_zh = Severity.RED, title[:200], title_zh[:200]
        page.step = page.round = 0
        snapshot = policy_snapshot(page.customer_id, Severity.RED)
        if snapshot["policy"] != page.policy_snapshot.get("policy"):
            page.policy_snapshot = snapshot
        page.save(update_fields=["severity", "title", "title_zh", "step", "round", "policy_snapshot"])
        plan_notices(page, now)
        keep_record("page.raise", page, None, now, severity=page.severity)
        if page.state == PageState.OPEN:
            notify.drop_pending(subject_ref=page.ref, kind=PAGE_KIND, reason=BECAME_RED)
            take_step(page, now)
    return page


def hold_page(*, subject_ref: str) -> Page | None:
    """Lock the subject's live page until the caller's transaction ends; None without one.

    Whoever locks a page and what it is about takes the page first: acknowledging begins there, and so must the rest.
    """
    live = Page.objects.select_for_update(of=("self",)).exclude(state=PageState.CLOSED)
    return live.filter(subject_ref=subject_ref).first()


def note_seen(*, page: Page, user: User, now: datetime) -> None:
    """Somebody of ours looks at the page, or at what it is about; their first look counts."""
    if page.state != PageState.CLOSED:
        PageSeen.objects.bulk_create([PageSeen(page=page, user=user, at=now)], ignore_conflicts=True)


def note_subject_seen(*, subject_ref: str, user: User, now: datetime) -> None:
    """The same by what the page is about; nothing happens without a live page."""
    page = Page.objects.exclude(state=PageState.CLOSED).filter(subject_ref=subject_ref).first()
    if page is not None:
        note_seen(page=page, user=user, now=now)


def illustrate_page(
    *, subject_ref: str, points: Sequence[Point], limit: float, is_above: bool, unit: str, opened_at: datetime
) -> None:
    """Give the subject's live page its small chart: (seconds since the epoch, value or None) in the given unit.

    `is_above` says that trouble lies above the limit. Nothing happens without a live page.
    """
    chart = {
        "points": thinned(points, is_above),
        "limit": limit,
        "is_above": is_above,
        "unit": unit,
        "opened_at": opened_at.timestamp(),
    }
    Page.objects.exclude(state=PageState.CLOSED).filter(subject_ref=subject_ref).update(chart=chart)


@transaction.atomic
def acknowledge_page(*, page: Page, user: User | None, via: str, now: datetime) -> Page:
    """Somebody has it: nobody else is woken. Of two at the same moment the first holds; a page that is acknowledged
    or closed already is returned as it is. `via` is console, phone, link, api, or the channel over which they answered.
    Raises Refused without the right.
    """
    check_may_take(user)
    page = Page.objects.select_for_update(of=("self",)).select_related("acknowledged_by").get(pk=page.pk)
    if page.state != PageState.OPEN:
        return page
    page.state = PageState.ACKNOWLEDGED
    page.acknowledged_at, page.acknowledged_by, page.acknowledged_via = now, user, via
    page.next_step_at = None
    page.save(
        update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledged_via", "next_step_at"],
    )
    notify.drop_pending(subject_ref=page.ref, kind=PAGE_KIND, reason=WAS_ACKNOWLEDGED)
    end_notices(page, WAS_ACKNOWLEDGED, is_over=False)
    keep_record("page.acknowledge", page, user, now, via=via)
    events.publish(PageAcknowledged(page.pk, page.subject_ref, user.pk if user else None, now))
    tell_all(page, "page.acknowledged", HAS_IT if user else HANDLED, now)
    return page


@transaction.atomic
def escalate_page(*, page: Page, user: User | None, reason: str = "", now: datetime) -> Page:
    """ "I cannot take it": the next person is woken now, also when it was acknowledged already. A closed page stays."""
    check_may_take(user)
    page = Page.objects.select_for_update(of=("self",)).get(pk=page.pk)
    if page.state == PageState.CLOSED:
        return page
    page.state = PageState.OPEN
    page.acknowledged_at, page.acknowledged_by, page.acknowledged_via = None, None, ""
    page.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledged_via"])
    if user is not None:
        notify.drop_pending(subject_ref=page.ref, kind=PAGE_KIND, reason=WAS_PASSED_ON, user=user)
    told = take_step(page, now, by=user)
    keep_record("page.escalate", page, user, now, reason=reason[:200], told=[person.ref for person in told])
    return page


@transaction.atomic
def close_page(*, subject_ref: str, words: str = IS_OVER, now: datetime) -> Page | None:
    """The trouble is over: nothing more goes out but the word that it is, or other `words` about its %(title)s.

    Returns the page, None without a live one.
    """
    page = hold_page(subject_ref=subject_ref)
    if page is None:
        return None
    page.state, page.closed_at, page.next_step_at = PageState.CLOSED, now, None
    page.save(update_fields=["state", "closed_at", "next_step_at"])
    notify.drop_pending(subject_ref=page.ref, kind=PAGE_KIND, reason=WAS_CLOSED)
    end_notices(page, WAS_CLOSED, is_over=True)
    keep_record("page.close", page, None, now)
    tell_all(page, "page.closed", words, now)
    return page


def check_may_take(user: User | None) -> None:
    """Raise Refused for a person whose role may not take pages; None is the system itself."""
    if user is not None and not can(user, "acknowledge_pages"):
        raise Refused(_("Your role cannot take pages."))


def tell_all(page: Page, kind: str, words: str, now: datetime) -> None:
    """What became of a page, to everyone it went to and in the rooms that heard of it."""
    tell_paged(page, kind, words, now)
    follow_up(page, kind, words, now)


def tell_paged(page: Page, kind: str, words: str, now: datetime) -> None:
    """A quiet push to everyone this page went to, except to who did it."""
    doer = page.acknowledged_by if kind == "page.acknowledged" else None
    for person in User.objects.filter(pk__in=page.notices.values("user_id"), is_active=True):
        if person == doer:
            continue
        with translation.override(person.language or settings.LANGUAGE_CODE):
            by = page.acknowledged_by.name if page.acknowledged_by else ""
            title = translation.gettext(words) % {"person": by, "title": page.display_title}
        notify.push(
            user=person,
            kind=kind,
            subject_ref=page.ref,
            title=title,
            url_path=f"/p/{page.ref}",
            data={"page": page.ref, "severity": page.severity},
            now=now,
        )


def keep_record(action: str, page: Page, actor: User | None, now: datetime, **detail: object) -> None:
    """The audit row of a page's change."""
    audit.record(
        actor=actor,
        action=action,
        subject=page.ref,
        customer_id=page.customer_id,
        detail={"about": page.subject_ref, **detail},
        now=now,
    )
