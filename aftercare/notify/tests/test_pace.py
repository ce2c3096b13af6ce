"""No vendor is spoken to faster than it documents, however long the silence before."""

from datetime import UTC, datetime, timedelta

import pytest

from aftercare.notify.engine.pace import RATES, Rate
from aftercare.notify.lengths import LIMITS, parts_of

# What each vendor documents: so many in so many seconds, in the account and in one chat.
DOCUMENTED = [
    ("feishu", "account", 50, 1),
    ("feishu", "account", 1000, 60),
    ("feishu", "chat", 5, 1),
    ("dingtalk", "account", 20, 1),
    ("dingtalk", "chat", 20, 60),
    ("slack", "account", 300, 60),
    ("slack", "chat", 1, 1),
    ("telegram", "account", 30, 1),
    ("telegram", "chat", 20, 60),
    ("wecom", "chat", 20, 60),
]


def sent_at(rate: Rate, seconds: float) -> list[datetime]:
    """When messages go, as fast as the rate lets them, from a silence on."""
    now = start = spent = datetime(2026, 11, 30, 12, tzinfo=UTC)
    sent = []
    while now < start + timedelta(seconds=seconds):
        now = max(now, spent - rate.credit)
        sent.append(now)
        spent = max(spent, now) + rate.interval
    return sent


@pytest.mark.parametrize(("channel", "of", "count", "seconds"), DOCUMENTED)
def test_no_window_holds_more_than_is_allowed(channel: str, of: str, count: int, seconds: float) -> None:
    rate = getattr(RATES[channel], of)
    sent = sent_at(rate, seconds * 3)
    for first in sent:
        assert sum(first <= at < first + timedelta(seconds=seconds) for at in sent) <= count


@pytest.mark.parametrize("channel", sorted(LIMITS))
def test_every_part_fits_and_nothing_is_lost(channel: str) -> None:
    limit = LIMITS[channel]
    text = "".join(f"第{n}句，画面卡住了。 & <b>😀 " for n in range(4000))
    parts = parts_of(channel, text)
    assert all(limit.size(part) + 200 <= limit.at_most for part in parts), "room for a name and a mark"
    bare = [part.partition(") ")[2] if len(parts) > 1 else part for part in parts]
    assert "".join("".join(bare).split()) == "".join(text.split())
    assert parts_of(channel, "short") == ["short"]


def test_one_word_without_a_break_is_cut_all_the_same() -> None:
    parts = parts_of("wecom", "长" * 5000)
    assert "".join(part.partition(") ")[2] for part in parts) == "长" * 5000
