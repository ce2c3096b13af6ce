"""A customer's service groups that hear what changes on their status page: off until somebody chooses one."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk import actions as desk
from aftercare.desk.models import Group
from aftercare.incidents.models import StatusGroup, StatusPage
from aftercare.incidents.status.changes import wake_engine
from aftercare.incidents.status.facts import PageFacts, gather
from aftercare.incidents.status.news import news_of
from aftercare.kernel.errors import Refused

log = logging.getLogger(__name__)

AT_ONCE = 200
AGAIN_AFTER = timedelta(seconds=30)


@transaction.atomic
def let_hear(*, group: Group, hears: bool, actor: User, now: datetime) -> None:
    """The group hears from now on what changes on its customer's page, or no more. Twice counts once.

    Raises Refused where the customer has no page.
    """
    if not hears:
        count, _each = StatusGroup.objects.filter(group=group).delete()
        if count:
            record("status.group_off", group, actor, now)
        return
    if not StatusPage.objects.filter(customer=group.customer_id, is_open=True).exists():
        raise Refused(_("There is no status page of this customer. Open one first."))
    _row, is_new = StatusGroup.objects.get_or_create(group=group, defaults={"look_at": now})
    if is_new:
        wake_engine()
        record("status.group_on", group, actor, now)


def record(action: str, group: Group, actor: User, now: datetime) -> None:
    """The audit row."""
    audit.record(actor=actor, action=action, subject=group.ref, customer_id=group.customer_id, detail={}, now=now)


def tell_groups(now: datetime) -> int:
    """Say in groups what changed on their pages; returns how many were looked at. Safe to run in several processes."""
    rows = list(due(now)[:AT_ONCE])
    pages = [row.group.customer.status_page for row in rows]
    for row, facts in zip(rows, gather(pages, now) if pages else [], strict=True):
        try:
            look(row, facts, now)
        except Exception:  # one group whose words cannot be said holds up no other
            log.exception("group %s could not be told of its status page; tried again later", row.group.ref)
            StatusGroup.objects.filter(pk=row.pk).update(look_at=now + AGAIN_AFTER, seen=facts.page.wanted)
    return len(rows)


def due(now: datetime) -> "QuerySet[StatusGroup]":
    """Those whose page was asked to be written since they were looked at, or that wait for their time."""
    in_use = StatusGroup.objects.filter(group__enabled=True, group__account__enabled=True, group__account__quiet=False)
    shown = in_use.filter(group__customer__status_page__is_open=True)
    changed = shown.filter(Q(look_at__lte=now) | Q(seen__lt=F("group__customer__status_page__wanted")))
    return changed.select_related("group__customer__status_page").order_by("pk")


@transaction.atomic
def look(row: StatusGroup, facts: PageFacts, now: datetime) -> None:
    """Say what is news to this group, and take down that it knows, in one transaction; unless another process did."""
    held = StatusGroup.objects.select_for_update(skip_locked=True).filter(pk=row.pk, looks=row.looks).first()
    if held is None:
        return
    group = row.group
    news = news_of(facts, language=group.language, hears_updates=group.hears_incidents, was=held.known)
    if news.lines:
        desk.post_in_group(group=group, speaker=None, body=news.text, now=now)
    held.known, held.look_at, held.seen = news.known, news.again_at, facts.page.wanted
    held.looks += 1
    held.save(update_fields=["known", "look_at", "seen", "looks"])
