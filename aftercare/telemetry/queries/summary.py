"""What is left of a session once its raw reports have expired: its row in the session table, kept for 90 days."""

from dataclasses import dataclass
from datetime import datetime

from aftercare.accounts.models import App
from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import aware, scope
from aftercare.telemetry.queries.session_sql import merge_of
from aftercare.telemetry.queries.timeline import SEARCH_BACK
from aftercare.telemetry.schema.columns import FACTS
from aftercare.telemetry.store.rollups import SESSION_COLUMNS


@dataclass(frozen=True)
class SessionSummary:
    """A session in sums: milliseconds, counts, and its facts; raw reports were kept for `keep_days` days."""

    session: str
    started_at: datetime
    ended_at: datetime
    keep_days: int
    facts: dict[str, str]
    totals: dict[str, int]

    @property
    def stall_count(self) -> int:
        """How often it stalled."""
        return self.totals["stall_count"]

    @property
    def stall_ms(self) -> int:
        """How long it stalled in all."""
        return self.totals["stall_ms"]

    @property
    def video_frozen_ms(self) -> int:
        """How long its video was frozen, by gaps of at least 600 ms."""
        return self.totals["video_frozen_600_ms"]

    @property
    def audio_frozen_ms(self) -> int:
        """How long its audio was frozen, by gaps of at least 200 ms."""
        return self.totals["audio_frozen_200_ms"]

    @property
    def first_frame_ms(self) -> int | None:
        """The wait for the first frame; None where it is not known."""
        return self.totals["first_frame_ms"] or None


def session_summary(app: App, session: str, *, now: datetime) -> SessionSummary | None:
    """The session's sums, or None when this app had no such session in the last 90 days."""
    merged = ", ".join(f"{merge_of(name)}({name})" for name in SESSION_COLUMNS)
    rows = ask(
        "telemetry.session_summary",
        f"SELECT max(keep_days), {merged} FROM sessions WHERE customer = {{customer:UInt32}} AND app = {{app:UInt32}} "
        "AND day >= toDate({first_day:String}) AND session = {session:String} HAVING count() > 0",
        {**scope(app), "session": session, "first_day": (now - SEARCH_BACK).strftime("%Y-%m-%d")},
    )
    if not rows:
        return None
    keep_days, *values = rows[0]
    told = dict(zip(SESSION_COLUMNS, values, strict=True))
    return SessionSummary(
        session=session,
        started_at=aware(told.pop("started_at")),
        ended_at=aware(told.pop("ended_at")),
        keep_days=int(keep_days),
        facts={name: str(told.pop(name)) for name in FACTS if name in told},
        totals={name: int(value) for name, value in told.items()},
    )
