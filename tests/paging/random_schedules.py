"""Schedules of any make, as documents: layers of turns by hour, day, week or month, hours of the week, fallback."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca")
EVERY = ("7 hours", "12 hours", "1 days", "3 days", "1 weeks", "2 weeks", "1 months")
DAYS = ("all", "mon-fri", "sat, sun", "wed")
locals_ = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-06-01")).map(
    lambda at: f"{at:%Y-%m-%d %H:%M}"
)
clock_times = st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30])).map(lambda at: f"{at[0]:02}:{at[1]:02}")


@st.composite
def documents(draw: st.DrawFn, refs: list[str]) -> dict[str, Any]:
    """A schedule's document over these people."""
    crews = st.lists(st.sampled_from(refs), max_size=2, unique=True)
    made: dict[str, Any] = {"timezone": draw(st.sampled_from(ZONES)), "layers": []}
    for _layer in range(draw(st.integers(0, 3))):
        layer: dict[str, Any] = {
            "turns": draw(st.lists(crews, min_size=1, max_size=4)),
            "every": draw(st.sampled_from(EVERY)),
            "starts": draw(locals_),
        }
        if draw(st.booleans()):
            begins, ends = draw(st.lists(clock_times, min_size=2, max_size=2, unique=True))
            layer["hours"] = [{"days": draw(st.sampled_from(DAYS)), "from": begins, "to": ends}]
        made["layers"].append(layer)
    if draw(st.booleans()):
        made["fallback"] = draw(st.lists(st.sampled_from(refs), min_size=1, max_size=1))
    return made
