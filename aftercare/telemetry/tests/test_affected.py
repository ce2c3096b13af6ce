"""How many users were beyond a limit."""

from datetime import timedelta
from typing import Any

from aftercare.telemetry.queries import Affected, Beyond, affected_users
from aftercare.telemetry.tests.made import crowd
from tests.world import World

HOUR = timedelta(hours=1)


def test_each_user_counts_once_however_many_limits_they_were_beyond(telemetry: Any, world: World) -> None:
    start = world.now - timedelta(minutes=10)
    telemetry.add(
        [
            *crowd(world.show_app, start, 3, prefix="bad", stall_ms=4000, country="CN"),
            *crowd(world.show_app, start, 5, prefix="good", country="CN"),
            *crowd(world.social_app, start, 4, prefix="theirs", stall_ms=4000),
        ]
    )
    stalls = Beyond("stall_rate", 5.0, True, start - HOUR, world.now)
    crowded = Beyond("concurrent", 100.0, False, start - HOUR, world.now)
    assert affected_users(world.show_app, [stalls, crowded]) == Affected(users=3, sessions=3, watched=8)
    waits = Beyond("first_frame_p95", 600.0, True, start - HOUR, world.now)
    assert affected_users(world.show_app, [stalls, waits]) == Affected(users=5, sessions=8, watched=8)
    nowhere = Beyond("stall_rate", 5.0, True, start - HOUR, world.now, {"country": "US"})
    assert affected_users(world.show_app, [nowhere]) is None, "no row is unknown, not zero"
    assert affected_users(world.show_app, [Beyond("stall_rate", 99.0, True, start - HOUR, world.now)]) == Affected(
        0, 0, 8
    )
