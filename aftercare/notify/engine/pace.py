"""How fast each vendor lets us speak, so that nothing is taken from the outbox that may not go yet.

A bucket is one instant, kept in a row: when what was sent is paid off. Nobody sleeps; what must wait is put off.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.notify.models import Channel, Delivery, Pace


@dataclass(frozen=True)
class Rate:
    """`count` messages in `seconds`, `burst` of them at once after a silence.

    In a window of W seconds no more than burst + count * W / seconds go: chosen to stay below the vendor's own limit.
    """

    count: int
    seconds: float
    burst: int

    @property
    def interval(self) -> timedelta:
        """What one message costs."""
        return timedelta(seconds=self.seconds / self.count)

    @property
    def credit(self) -> timedelta:
        """How far ahead of the rate a burst may run."""
        return self.interval * (self.burst - 1)


@dataclass(frozen=True)
class Rates:
    """What a vendor allows in one account and in one chat; None where it names no limit."""

    account: Rate | None
    chat: Rate | None


# Feishu: 1000 a minute and 50 a second for an app, 5 a second in a group (frequency-control, im-v1 message/create).
# DingTalk: a robot in a group 20 a minute, or it is silenced for ten minutes (custom-robots-send-group-messages).
# Slack: one a second in a channel, several hundred a minute in a workspace (apis/web-api/rate-limits).
# Telegram: 20 a minute in a group, 30 a second in all (bots/faq "My bot is hitting limits").
# WeCom: 20 a minute for a group's robot (path/91770).
RATES: Mapping[str, Rates] = {
    Channel.FEISHU: Rates(Rate(15, 1, 35), Rate(3, 1, 2)),
    Channel.DINGTALK: Rates(Rate(10, 1, 10), Rate(15, 60, 5)),
    Channel.SLACK: Rates(Rate(200, 60, 20), Rate(1, 1.05, 1)),
    Channel.TELEGRAM: Rates(Rate(20, 1, 10), Rate(15, 60, 5)),
    Channel.WECOM: Rates(None, Rate(15, 60, 5)),
}


def let_go(rows: list[Delivery], now: datetime) -> list[Delivery]:
    """Those of these locked rows that may go now, paid for; the others become due when they may.

    Runs in the claim's transaction: the buckets stay locked until it ends.
    """
    buckets = locked_buckets(rows, now)
    free, early = [], []
    for row in rows:
        due_at = free_at(row, buckets, now)
        if due_at <= now:
            pay(row, buckets, now)
            free.append(row)
        else:
            row.due_at = due_at
            early.append(row)
    Delivery.objects.bulk_update(early, ["due_at"])
    Pace.objects.bulk_update(buckets.values(), ["spent_until"])
    return free


def locked_buckets(rows: Iterable[Delivery], now: datetime) -> dict[tuple[int, str], Pace]:
    """The buckets of these rows by account and address, made where missing, locked in one order."""
    keys = {key for row in rows if row.account_id is not None and row.channel in RATES for key in keys_of(row)}
    if not keys:
        return {}
    made = [Pace(account_id=account, address=address, spent_until=now) for account, address in sorted(keys)]
    Pace.objects.bulk_create(made, ignore_conflicts=True)
    kept = Pace.objects.select_for_update().filter(account__in={account for account, _address in keys})
    wanted = kept.filter(address__in={address for _account, address in keys}).order_by("account_id", "address")
    return {(bucket.account_id, bucket.address): bucket for bucket in wanted}


def keys_of(row: Delivery) -> list[tuple[int, str]]:
    """The account's bucket and the chat's."""
    return [(row.account_id or 0, ""), (row.account_id or 0, row.address)]


def rates_of(row: Delivery, buckets: dict[tuple[int, str], Pace]) -> list[tuple[Pace, Rate | None]]:
    """A row's buckets with what applies to each; none for a channel without limits."""
    if row.account_id is None or row.channel not in RATES:
        return []
    rates = RATES[row.channel]
    return list(zip((buckets[key] for key in keys_of(row)), (rates.account, rates.chat), strict=True))


def free_at(row: Delivery, buckets: dict[tuple[int, str], Pace], now: datetime) -> datetime:
    """When this row may go; not before `now`."""
    instants = [now]
    for bucket, rate in rates_of(row, buckets):
        if rate is not None:
            instants.append(bucket.spent_until - rate.credit)
        if bucket.held_until is not None:
            instants.append(bucket.held_until)
    return max(instants)


def pay(row: Delivery, buckets: dict[tuple[int, str], Pace], now: datetime) -> None:
    """Count this row in its buckets."""
    for bucket, rate in rates_of(row, buckets):
        if rate is not None:
            bucket.spent_until = max(bucket.spent_until, now) + rate.interval


def hold(delivery: Delivery, *, seconds: float, whole_account: bool, now: datetime) -> None:
    """The vendor asked for silence: in the whole account, or in this delivery's chat."""
    if delivery.account_id is None:
        return
    until = now + timedelta(seconds=seconds)
    Pace.objects.update_or_create(
        account_id=delivery.account_id,
        address="" if whole_account else delivery.address,
        defaults={"held_until": until},
        create_defaults={"held_until": until, "spent_until": now},
    )
