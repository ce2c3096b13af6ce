"""Counting what was sent to one number or person: in rows, so that every process and every restart counts alike."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aftercare.notify.callee_quotas import APART, Quota, quotas_of
from aftercare.notify.models import CODE_KIND, Account, Ring

CHINA = ZoneInfo("Asia/Shanghai")
NIGHT_BEGINS, NIGHT_ENDS = 22, 8
KEEP = timedelta(days=2)


def forbids(account: Account, address: str, kind: str, now: datetime) -> bool:
    """Whether one more to this address would be beyond a limit. The caller holds the address's lock."""
    quotas = quotas_of(account, kind)
    if not quotas:
        return False
    longest = max(quota.seconds for quota in quotas)
    rings = Ring.objects.filter(account=account, address=address, at__gt=now - timedelta(seconds=longest))
    if account.kind in APART:
        rings = rings.filter(kind=CODE_KIND) if kind == CODE_KIND else rings.exclude(kind=CODE_KIND)
    times = list(rings.values_list("at", flat=True))
    return any(is_used_up(quota, times, now) for quota in quotas)


def is_used_up(quota: Quota, times: Collection[datetime], now: datetime) -> bool:
    """Whether these attempts leave nothing of the quota."""
    begins = night_of(now) if quota.at_night else now - timedelta(seconds=quota.seconds)
    return begins is not None and sum(at > begins for at in times) >= quota.count


def night_of(now: datetime) -> datetime | None:
    """When the present night in China began; None by day."""
    local = now.astimezone(CHINA)
    if NIGHT_ENDS <= local.hour < NIGHT_BEGINS:
        return None
    begins = local.replace(hour=NIGHT_BEGINS, minute=0, second=0, microsecond=0)
    return begins if local.hour >= NIGHT_BEGINS else begins - timedelta(days=1)


def forget_old_rings(now: datetime) -> None:
    """What no limit looks back to is forgotten."""
    Ring.objects.filter(at__lt=now - KEEP).delete()
