"""Quiet hours: when a person's phones, chats and browsers keep silent about what is not urgent."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.kernel.wall_clock import instant_of
from aftercare.notify.models import RINGING, Channel, ContactMethod, QuietHours


def disturbs(contact: ContactMethod) -> bool:
    """Whether this way makes a sound beside somebody's bed; mail, webhooks and the console do not."""
    return contact.channel in (*RINGING, Channel.WEBPUSH, Channel.APPRISE)


def quiet_until(user: User, now: datetime) -> datetime | None:
    """When the quiet hours end in which this person is now; None outside of them.

    By the wall clock of the person's zone: an end that the clocks skip is the first instant after.
    """
    hours = QuietHours.objects.filter(user=user).first()
    if hours is None:
        return None
    zone = ZoneInfo(user.timezone)
    local = now.astimezone(zone)
    ends = local.date()
    is_over_midnight = hours.ends <= hours.starts
    if is_over_midnight and local.time() >= hours.starts:
        ends += timedelta(days=1)
    elif not (local.time() < hours.ends and (is_over_midnight or local.time() >= hours.starts)):
        return None
    return instant_of(datetime.combine(ends, hours.ends), zone)


@transaction.atomic
def set_quiet_hours(*, user: User, starts: time | None, ends: time | None, now: datetime) -> None:
    """Keep silent from `starts` until `ends`; without either, never. Raises Refused for hours that are all day."""
    if starts is None or ends is None:
        QuietHours.objects.filter(user=user).delete()
    elif starts == ends:
        raise Refused(_("Quiet hours that are the whole day would silence every warning. Switch the way off instead."))
    else:
        QuietHours.objects.update_or_create(user=user, defaults={"starts": starts, "ends": ends})
    said = f"{starts:%H:%M}-{ends:%H:%M}" if starts and ends else ""
    audit.record(
        actor=user,
        action="contact.quiet_hours",
        subject=user.ref,
        customer_id=user.customer_id,
        detail={"hours": said},
        now=now,
    )
