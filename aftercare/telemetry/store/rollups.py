"""The three rollups and the statements that build, remove and check their rows.

A rollup row is a sum over raw rows, so it may be built from any set of commits in any number of parts; late data
simply adds. What may never happen is one commit counted twice: `steps.py` sees to that.
"""

from dataclasses import dataclass

from aftercare.telemetry.schema.cuts import CUTS, JOINT, cut_columns
from aftercare.telemetry.schema.measures import FINE_MEASURES, MEASURES, OF_SESSIONS, Measure, events, frozen


@dataclass(frozen=True)
class Rollup:
    """One derived table: its name, its key, its measures."""

    name: str
    bucket_s: int
    measures: tuple[Measure, ...]

    @property
    def key(self) -> str:
        """The columns of the touched rows that are rebuilt together in a repair."""
        return "customer, app, bucket"

    @property
    def bucket(self) -> str:
        """The bucket of a raw row, as SQL."""
        return f"toStartOfInterval(toDateTime(ts, 'UTC'), INTERVAL {self.bucket_s} SECOND)"

    def columns(self) -> str:
        """The columns that `select` gives, in its order."""
        return ", ".join(["customer", "app", "keep_days", "bucket", "cut", "value", *(m.name for m in self.measures)])

    def select(self, where: str) -> str:
        """SQL that aggregates raw rows into rollup rows, all cuts in one pass."""
        dimensions = sorted({column for cut in CUTS for column in cut_columns(cut)})
        common = "customer, app, keep_days, bucket"
        keyed = f"{common}, is_probe"
        sets = ", ".join(f"({', '.join([keyed, *cut_columns(cut)])})" for cut in CUTS)
        # GROUPING gives 1 for a column that the row's set does not group by, first argument in the highest bit.
        bits = {dimension: 1 << (len(dimensions) - 1 - i) for i, dimension in enumerate(dimensions)}
        everything = (1 << len(dimensions)) - 1
        masks = {cut: everything - sum(bits[column] for column in cut_columns(cut)) for cut in CUTS}
        numbers = ", ".join(str(mask) for mask in masks.values())
        names = ", ".join(f"'{cut}'" for cut in masks)
        joint = f"'\\x{ord(JOINT):02x}'"
        pairs = [
            f"set_mask = {masks[cut]}, concat({f', {joint}, '.join(f'toString({c})' for c in cut_columns(cut))})"
            for cut in CUTS
            if "+" in cut
        ]
        singles = [f"set_mask = {masks[cut]}, toString({cut})" for cut in CUTS if cut and "+" not in cut]
        value = f"multiIf({', '.join(pairs + singles)}, '')"
        # What a probe saw is no viewer's: it counts where one asks by role, and nowhere else.
        among_roles = f"set_mask IN ({', '.join(str(masks[cut]) for cut in CUTS if 'role' in cut_columns(cut))})"
        inner = ", ".join(f"{m.raw} AS m_{m.name}" for m in self.measures)
        outer = ", ".join(f"m_{m.name} AS {m.name}" for m in self.measures)
        return (
            f"SELECT {common}, transform(set_mask, [{numbers}], [{names}], '') AS cut, {value} AS value, {outer} "
            f"FROM (SELECT {keyed}, {', '.join(dimensions)}, toUInt32(grouping({', '.join(dimensions)})) AS set_mask, "
            f"{inner} FROM (SELECT *, {self.bucket} AS bucket, role = 'probe' AS is_probe FROM samples WHERE {where}) "
            f"GROUP BY GROUPING SETS ({sets})) WHERE NOT is_probe OR {among_roles}"
        )


@dataclass(frozen=True)
class SessionRollup:
    """One row per session and part: what the session search reads."""

    name: str = "sessions"

    @property
    def key(self) -> str:
        """The columns of the touched rows that are rebuilt together in a repair."""
        return "customer, app, day, session"

    def columns(self) -> str:
        """The columns that `select` gives, in its order."""
        return ", ".join(["customer", "app", "keep_days", "day", "session", *SESSION_COLUMNS])

    def select(self, where: str) -> str:
        """SQL that aggregates raw rows by session and day."""
        made = ", ".join(f"{raw} AS s_{name}" for name, (_, raw) in SESSION_COLUMNS.items())
        named = ", ".join(f"s_{name} AS {name}" for name in SESSION_COLUMNS)
        return (
            f"SELECT customer, app, keep_days, day, session, {named} FROM (SELECT customer, app, "
            f"any(keep_days) AS keep_days, toDate(ts) AS day, session, {made} FROM samples "
            f"WHERE {where} AND {OF_SESSIONS} "
            "GROUP BY customer, app, day, session)"
        )


def told(fact: str) -> str:
    """SQL: the greatest text told for a fact; order-free, unlike 'any', and the same again on a rebuild."""
    return f"max(toString({fact}))"


# What is an error to the one who was in the session.
FAILURES = ("error", "start_failed", "join_failed", "push_failed", "push_broken", "call_failed")
SUM = "SimpleAggregateFunction(sum, Int64)"
TEXT = "SimpleAggregateFunction(max, String)"
# name: (type of the column, SQL over raw rows)
SESSION_COLUMNS: dict[str, tuple[str, str]] = {
    "started_at": ("SimpleAggregateFunction(min, DateTime64(3, 'UTC'))", "min(ts)"),
    "ended_at": ("SimpleAggregateFunction(max, DateTime64(3, 'UTC'))", "max(ts)"),
    **{
        fact: (TEXT, told(fact))
        for fact in (
            "stream",
            "call",
            "user",
            "role",
            "country",
            "province",
            "carrier",
            "network",
            "device",
            "os",
            "sdk",
            "sdk_version",
            "app_version",
            "edge",
            "cdn",
            "domain",
            "protocol",
        )
    },
    "interval_ms": (SUM, "sum(toInt64(interval_ms))"),
    "play_ms": (SUM, "sum(toInt64(play_ms))"),
    "stall_ms": (SUM, "sum(toInt64(stall_ms))"),
    "stall_count": (SUM, "sum(toInt64(stall_count))"),
    "video_ms": (SUM, "sum(toInt64(video_ms))"),
    "video_frozen_600_ms": (SUM, frozen("video_gaps", 600)),
    "audio_frozen_200_ms": (SUM, frozen("audio_gaps", 200)),
    "errors": (SUM, events(*FAILURES)),
    "first_frame_ms": (
        "SimpleAggregateFunction(max, UInt32)",
        "maxIf(elapsed_ms, event = 'first_frame' AND sign > 0)",
    ),
    "reports": (SUM, "sumIf(toInt64(sign), source != 'derived')"),
}

R10S = Rollup("r10s", 10, FINE_MEASURES)
R1M = Rollup("r1m", 60, MEASURES)
R1H = Rollup("r1h", 3600, MEASURES)
SESSIONS = SessionRollup()
ROLLUPS: tuple[Rollup | SessionRollup, ...] = (R10S, R1M, R1H, SESSIONS)

# What a step over raw rows gives: 10 s buckets with every measure. The views of 0004 hand it on to the three tables.
STEP = Rollup("step", 10, MEASURES)


@dataclass(frozen=True)
class Feed:
    """One pass over raw rows: the table its rows go into, the rollups that hold them afterwards, how often it runs."""

    into: Rollup | SessionRollup
    holders: tuple[Rollup | SessionRollup, ...]
    every_s: float


FEEDS: tuple[Feed, ...] = (Feed(STEP, (R10S, R1M, R1H), 2), Feed(SESSIONS, (SESSIONS,), 10))
