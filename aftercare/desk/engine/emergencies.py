"""Settling the pages of emergencies that were answered or are over."""

import logging
from datetime import datetime

from aftercare.desk.actions.emergency_course import carry_out_wish
from aftercare.desk.models import Emergency, PageWish

log = logging.getLogger(__name__)

AT_ONCE = 100


def settle_pages(now: datetime) -> int:
    """Carry out every wish about an emergency's page; returns how many. Any number of processes may call it.

    Each is one transaction and does nothing twice; one that raises stays for the next round and holds nobody.
    """
    done = 0
    wishes = Emergency.objects.exclude(page_wish=PageWish.NONE).select_related("ticket", "wish_by")
    for emergency in wishes.order_by("pk")[:AT_ONCE]:
        try:
            carry_out_wish(emergency=emergency, now=now)
            done += 1
        except Exception:
            log.exception("emergency %s: its page could not be settled", emergency.pk)
    return done
