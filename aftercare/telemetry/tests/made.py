"""Raw rows as players and callers would have left them, for tests."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from aftercare.accounts.models import App


def row(app: App, session: str, at: datetime, **more: Any) -> dict[str, Any]:
    """One raw row."""
    return {"customer": app.customer_id, "app": app.pk, "session": session, "ts": at, **more}


def playback(
    app: App,
    session: str,
    start: datetime,
    *,
    seconds: int = 60,
    stall_ms: int = 0,
    first_frame_ms: int = 700,
    **facts: Any,
) -> Iterator[dict[str, Any]]:
    """A session that starts, reports every 5 s and stalls in its second report."""
    yield row(app, session, start, event="first_frame", elapsed_ms=first_frame_ms, opened=1, **facts)
    for number, second in enumerate(range(5, seconds + 1, 5)):
        stalled = stall_ms if number == 1 else 0
        yield row(
            app,
            session,
            start + timedelta(seconds=second),
            interval_ms=5000,
            play_ms=5000 - stalled,
            stall_ms=stalled,
            stall_count=int(stalled > 0),
            bytes=1_250_000,
            bitrate_kbps=2000.0,
            rtt_ms=40.0,
            **facts,
        )


def crowd(app: App, start: datetime, number: int, *, prefix: str = "s", **more: Any) -> list[dict[str, Any]]:
    """Many playbacks that begin together."""
    return [
        made for place in range(number) for made in playback(app, f"{prefix}{place}", start, user=f"u{place}", **more)
    ]
