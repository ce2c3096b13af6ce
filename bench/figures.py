"""One measured figure, and what it says beside what is asked."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """A figure with its bounds. `detail` tells sizes, spread and how it was taken."""

    name: str
    value: float
    unit: str
    must: float
    aim: float
    better: Literal["higher", "lower"]
    detail: str

    def as_row(self) -> dict[str, Any]:
        """The figure as printed with --json."""
        return asdict(self)


def verdict(row: dict[str, Any]) -> str:
    """`aim`, `must` or `short`."""
    sign = 1 if row["better"] == "higher" else -1
    if sign * row["value"] >= sign * row["aim"]:
        return "[green]aim[/green]"
    return "[yellow]must[/yellow]" if sign * row["value"] >= sign * row["must"] else "[red]short[/red]"


def spread(values: list[float], digits: int = 0) -> str:
    """The smallest, middle and largest of several runs."""
    ordered = sorted(values)
    low, middle, high = ordered[0], ordered[len(ordered) // 2], ordered[-1]
    return (
        f"{low:,.{digits}f} / {middle:,.{digits}f} / {high:,.{digits}f} (least / median / most of {len(values)} runs)"
    )


def quantile(values: list[float], q: float) -> float:
    """The q-quantile of measured values, the nearest one above."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * q), len(ordered) - 1)]
