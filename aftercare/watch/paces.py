"""How fast is too fast for an objective's budget.

The windows and rates are those of the SRE Workbook (chapter 5, "Multiwindow, Multi-Burn-Rate Alerts") for 30 days: 14.4
times as fast as the budget allows over an hour uses up 2% of it, 6 times over six hours 5%, once over three days 10%.
Three times over a day is the field's common addition. The short window says that it goes on now.
"""

from dataclasses import dataclass

from aftercare.watch.models import Severity


@dataclass(frozen=True)
class Pace:
    """Too fast: `burn` times the rate that the budget allows, over both windows (s)."""

    burn: float
    long_s: int
    short_s: int


HOUR_S, DAY_S = 3600, 86_400
PACES = {
    Severity.RED: (Pace(14.4, HOUR_S, 300), Pace(6, 6 * HOUR_S, 1800)),
    Severity.WARNING: (Pace(3, DAY_S, 2 * HOUR_S), Pace(1, 3 * DAY_S, 6 * HOUR_S)),
}
