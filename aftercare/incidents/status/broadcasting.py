"""Telling the subscribers of a page: outbox rows in the order of subscriptions, each written once over any crash."""

from datetime import datetime

from django.db import transaction
from django.utils import translation

from aftercare.incidents.models import Broadcast, PublicMaintenance, Stage, Subscription
from aftercare.incidents.status.facts import title_for
from aftercare.incidents.status.page_html import span
from aftercare.incidents.status.subscribing import UPDATE, draft
from aftercare.incidents.status.wording import CHINESE, ENGLISH, words
from aftercare.notify import actions as notify
from aftercare.notify.models import Delivery

AT_ONCE = 500
PAGES_AT_ONCE = 50


def broadcast_due(now: datetime) -> int:
    """Write messages for what is to be told; returns how many. Safe to run in several processes."""
    told = 0
    for _one in range(PAGES_AT_ONCE):
        with transaction.atomic():
            due = Broadcast.objects.filter(done_at=None).select_for_update(skip_locked=True, of=("self",))
            about = due.select_related("update__incident__app", "maintenance__change", "page")
            broadcast = about.order_by("pk").first()
            if broadcast is None:
                return told
            told += go_on(broadcast, now)
    return told


def go_on(broadcast: Broadcast, now: datetime) -> int:
    """The next AT_ONCE subscribers; with fewer it is done. Routine messages: a page to wake somebody goes before."""
    page = broadcast.page
    said_at = broadcast.update.at if broadcast.update is not None else broadcast.at
    subscribers = Subscription.objects.filter(
        page=page, edition=page.edition, confirmed_at__lte=said_at, pk__gt=broadcast.reached
    )
    found = list(subscribers.order_by("pk")[:AT_ONCE]) if page.is_open else []
    notify.send_all([message(one, broadcast, now) for one in found])
    broadcast.told += len(found)
    broadcast.reached = found[-1].pk if found else broadcast.reached
    broadcast.done_at = now if len(found) < AT_ONCE else None
    broadcast.save(update_fields=["told", "reached", "done_at"])
    return len(found)


def message(subscription: Subscription, broadcast: Broadcast, now: datetime) -> Delivery:
    """The update, or the word about maintenance, for one subscriber, in their language, as their page shows it."""
    update, page = broadcast.update, broadcast.page
    if broadcast.maintenance is not None:
        return maintenance_message(subscription, broadcast.maintenance, broadcast, now)
    assert update is not None  # noqa: S101 (the database holds one of the two)
    chinese = subscription.language.startswith("zh")
    publication = getattr(update.incident, "public_incident", None)
    title, title_zh = title_for(update.incident, page.customer_id, publication)
    say = words(CHINESE if chinese else ENGLISH)
    with translation.override(subscription.language):
        stage = str(Stage(update.stage).label)
    return draft(
        subscription,
        kind=UPDATE,
        title=f"{title_zh if chinese and title_zh else title}: {stage}",
        body=update.body_zh if chinese else update.body,
        words=say["status"],
        now=now,
    )


def maintenance_message(
    subscription: Subscription, shown: PublicMaintenance, broadcast: Broadcast, now: datetime
) -> Delivery:
    """What became of the maintenance, and when it is where there is a window."""
    page = broadcast.page
    chinese = subscription.language.startswith("zh")
    say = words(CHINESE if chinese else ENGLISH)
    change = shown.change
    when = f"{span(change.starts_at, change.ends_at, page.timezone)} ({page.timezone})"
    body = shown.body_zh if chinese else shown.body
    parts = (when, body) if broadcast.word in ("announced", "moved") else ()
    return draft(
        subscription,
        kind=UPDATE,
        title=f"{say['planned']}: {shown.title_zh if chinese else shown.title}: {say[f'word_{broadcast.word}']}",
        body="\n".join(filter(None, parts)) or say[f"word_{broadcast.word}"],
        words=say["status"],
        now=now,
    )
