"""Private addresses of calendars: made, and taken back."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint
from aftercare.oncall.actions.schedules import keep_record
from aftercare.oncall.models import Feed, Schedule

FEEDS_AT_MOST = 20
SEEN_EVERY = timedelta(hours=1)


@transaction.atomic
def make_feed(*, owner: User, schedule: Schedule | None, now: datetime) -> tuple[Feed, str]:
    """A new address and its secret, which is shown once. Raises Refused beyond FEEDS_AT_MOST of a person."""
    User.objects.select_for_update().get(pk=owner.pk)
    if Feed.objects.filter(owner=owner).count() >= FEEDS_AT_MOST:
        raise Refused(_("You have %(n)s calendar addresses: take one back first.") % {"n": FEEDS_AT_MOST})
    secret = secrets.token_urlsafe(24)
    feed = Feed.objects.create(owner=owner, schedule=schedule, digest=fingerprint(secret), created_at=now)
    keep_record("feed.make", feed.ref, owner, now, schedule=schedule.ref if schedule else "")
    return feed, secret


@transaction.atomic
def remove_feed(*, feed: Feed, actor: User, now: datetime) -> None:
    """The address leads nowhere from now on."""
    keep_record("feed.remove", feed.ref, actor, now, owner=feed.owner.ref)
    feed.delete()


def note_read(*, feed: Feed, now: datetime) -> None:
    """Somebody's calendar fetched it; kept to the hour."""
    if feed.last_read_at is None or now - feed.last_read_at >= SEEN_EVERY:
        Feed.objects.filter(pk=feed.pk).update(last_read_at=now)
