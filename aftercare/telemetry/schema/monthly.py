"""Bandwidth of a calendar month as bills count it: not sums over any span, so no chart and no monitor has them."""

from dataclasses import dataclass

SOURCE = "monthly CDN bills; how empty slots and days count is ours"


@dataclass(frozen=True)
class MonthlyFigure:
    """One figure of a month, in `unit`."""

    key: str
    name: str
    name_zh: str
    formula: str
    source: str = SOURCE
    unit: str = "Mbps"


MONTHLY: tuple[MonthlyFigure, ...] = (
    MonthlyFigure(
        "bandwidth_p95",
        "Bandwidth, 95th percentile of the month",
        "月 95 带宽峰值",
        "the highest five-minute slot of the month once the top 5% of all its slots are dropped; "
        "a slot is its bytes × 8 / 300 s, one without bytes is 0",
    ),
    MonthlyFigure(
        "bandwidth_daily_peaks",
        "Bandwidth, mean of the month's daily peaks",
        "日峰值月平均带宽",
        "sum of each whole day's highest five-minute slot / number of whole days; a day without bytes is 0; "
        "months and days are those of the customer's zone",
    ),
)
