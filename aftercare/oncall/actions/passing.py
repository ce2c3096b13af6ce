"""Handing a page over to a certain colleague, and ending what it is about."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.oncall.actions.pages import check_may_take, close_page, keep_record
from aftercare.oncall.events import PageHandedOver, PageResolveAsked
from aftercare.oncall.models import Page, PageState
from aftercare.oncall.steps import Steps
from aftercare.oncall.wording import PAGE_KIND

WAS_HANDED_OVER = gettext_noop("The person handed the page over.")
IS_WOKEN = gettext_noop("%(to)s is woken now, handed over by %(by)s: %(title)s")


@transaction.atomic
def hand_over_page(*, page: Page, user: User, to: User, via: str, now: datetime) -> Page:
    """Give a page to a colleague: they are woken at once by their own ladder, and it stays open till somebody
    acknowledges it. Who hands over, and who had it, are told. A closed page is returned as it is, and so is one that
    waits for this colleague already. Raises Refused without the right, or where the colleague lacks it.
    """
    check_may_take(user)
    if to == user:
        raise Refused(_("You cannot hand a page over to yourself."))
    if not to.is_provider or not can(to, "acknowledge_pages"):
        raise Refused(_("%(name)s cannot take pages.") % {"name": to.name})
    page = Page.objects.select_for_update(of=("self",)).get(pk=page.pk)
    if page.state == PageState.CLOSED or waits_for(page, to):
        return page
    holder = page.acknowledged_by
    page.state = PageState.OPEN
    page.acknowledged_at, page.acknowledged_by, page.acknowledged_via = None, None, ""
    page.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledged_via"])
    notify.drop_pending(subject_ref=page.ref, kind=PAGE_KIND, reason=WAS_HANDED_OVER, user=user)
    Steps(now).wake(page, to)
    keep_record("page.hand_over", page, user, now, to=to.ref, via=via)
    events.publish(PageHandedOver(page.pk, page.subject_ref, user.pk, to.pk, now))
    for person in {user, holder} - {None, to}:
        tell_leaving(page, person, user, to, now)
    return page


def waits_for(page: Page, person: User) -> bool:
    """Whether the last people woken were this one alone, and nobody has the page yet."""
    last = page.notices.filter(firing=page.firings).values_list("user_id", flat=True)
    return page.state == PageState.OPEN and set(last) == {person.pk}


def tell_leaving(page: Page, person: User | None, by: User, to: User, now: datetime) -> None:
    """A quiet push to who leaves: they need not wonder who has it."""
    if person is None or not person.is_active:
        return
    with translation.override(person.language or settings.LANGUAGE_CODE):
        title = translation.gettext(IS_WOKEN) % {"to": to.name, "by": by.name, "title": page.display_title}
    notify.push(
        user=person,
        kind="page.handed_over",
        subject_ref=page.ref,
        title=title,
        url_path=f"/p/{page.ref}",
        data={"page": page.ref, "severity": page.severity},
        now=now,
    )


@transaction.atomic
def resolve_page(*, page: Page, user: User, via: str, now: datetime) -> Page:
    """Somebody says that what the page is about is over: its room ends it in their name, and the page closes.

    A page that no room speaks for closes by itself. A closed one is returned as it is. Raises Refused without the
    right, and whatever the room refuses with; then nothing has happened.
    """
    check_may_take(user)
    page = Page.objects.select_related("acknowledged_by").get(pk=page.pk)
    if page.state == PageState.CLOSED:
        return page
    events.publish(PageResolveAsked(page.pk, page.subject_ref, user.pk, via, now))
    close_page(subject_ref=page.subject_ref, now=now)  # where no room has done so
    page.refresh_from_db()
    keep_record("page.resolve", page, user, now, via=via)
    return page
