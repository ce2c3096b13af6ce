"""From any line that can be read to typed columns, and what is remembered of lines and sessions between commits."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.cmcd import parse
from aftercare.ingest.facts import Vocabulary
from aftercare.ingest.keys import Key
from aftercare.ingest.reports import EVENT_OF, add_reports, checked
from aftercare.ingest.rows import Rows
from aftercare.ingest.samples import Facts
from aftercare.ingest.seen import HOUR_S, Seen
from aftercare.ingest.sessions import IDLE_MS, Session, Sessions
from aftercare.kernel.errors import Refused
from aftercare.telemetry.store.commits import typed
from aftercare.telemetry.tests.made import row
from tests.world import World

KEY = Key("f", 1, 1, 30, 100, b"secret" * 6)
KEYS = (
    *(
        "ab",
        "lab",
        "tab",
        "br",
        "lb",
        "tb",
        "pb",
        "tpb",
        "mtp",
        "rtp",
        "bl",
        "tbl",
        "dl",
        "d",
        "ltc",
        "msd",
        "pt",
        "bsd",
    ),
    *(
        "bsda",
        "bsa",
        "dfa",
        "sn",
        "pr",
        "bg",
        "bs",
        "nr",
        "su",
        "cdn",
        "cid",
        "cs",
        "ec",
        "nor",
        "ot",
        "sf",
        "st",
        "sta",
    ),
    *("h", "cen", "url", "rc", "ttfb", "ttfbb", "ttlb", "cmsdd", "smrt", "com.example-x"),
)
BARE = st.one_of(
    st.integers(-999_999_999_999_999, 999_999_999_999_999).map(str),
    st.decimals(-1e11, 1e11, places=3, allow_nan=False).map(lambda number: f"{number:.3f}"),
    st.sampled_from(["?0", "?1", "token", "p", "r", "h", ":YWJj:", '""', '"text"', '"\\"\\\\"', f'"{"z" * 3000}"']),
)
VALUE = st.one_of(BARE, st.just(""), st.lists(BARE, max_size=4).map(lambda items: f"({' '.join(items)})"))


@given(
    st.sampled_from(sorted(EVENT_OF)),
    st.dictionaries(st.sampled_from(KEYS), VALUE, max_size=8),
    st.integers(0, 999_999_999_999_999),
)
@settings(max_examples=400, deadline=None)
def test_every_kind_of_value_of_every_key_becomes_a_row(event: str, keys: dict[str, str], ts: int) -> None:
    told = {"e": event, "sid": '"s"', "ts": str(ts), "v": "2", **keys}
    rows = Rows()
    session = Session(1, "s")
    report = checked(parse(",".join(f"{name}={value}" if value else name for name, value in told.items())))
    add_reports(rows, [report], session, KEY, Facts(), Vocabulary(), 0.0)
    columns = typed(rows.columns(0))
    assert {len(column) for column in columns.values()} == {len(rows)}


@given(st.dictionaries(st.sampled_from(["e", "sid", "ts", "sn", "v"]), VALUE, min_size=1))
@settings(max_examples=300, deadline=None)
def test_any_line_that_can_be_read_is_checked_or_refused(keys: dict[str, str]) -> None:
    try:
        checked(parse(",".join(f"{name}={value}" if value else name for name, value in keys.items())))
    except Refused as refused:
        assert refused.sentence


def test_hashes_are_remembered_for_a_day_and_no_longer() -> None:
    seen = Seen()
    for hour in range(60):
        seen.add_many(np.arange(hour * 10, hour * 10 + 5, dtype=np.uint64), hour * HOUR_S)
        seen.add(hour * 10 + 7, hour * HOUR_S)
    now = [n for n in range(600) if n in seen]
    assert min(now) >= (59 - 26) * 10
    assert {*range(59 * 10, 59 * 10 + 5), 597, *range(360, 365)} <= set(now)


def test_lines_are_known_by_their_app(telemetry: Any, world: World) -> None:
    telemetry.add([row(world.show_app, "same", world.now, line=5)])
    sessions = Sessions(telemetry.pool)
    asked = [(world.show.pk, world.show_app.pk, "same", 5), (world.social.pk, world.social_app.pk, "same", 5)]
    assert sessions.known_lines(asked) == {(world.show_app.pk, 5)}


def test_an_evicted_session_is_known_for_another_day(telemetry: Any, world: World) -> None:
    """A session that was first seen yesterday, let go when it fell silent, and then reports again."""
    telemetry.add([row(world.show_app, "old", world.now, opened=1)])
    sessions = Sessions(telemetry.pool)
    owner = (world.show.pk, world.show_app.pk, "old")
    begun = world.now.timestamp()
    sessions.resolve([owner])
    held = sessions.get(*owner[1:])
    for hour in range(26):
        sessions.keep([held], begun + hour * HOUR_S)
    silent = begun + 25 * HOUR_S + IDLE_MS / 1000 + 61
    sessions.keep([], silent)
    sessions.resolve([owner])
    assert sessions.get(*owner[1:]) is not held
    assert not sessions.get(*owner[1:]).is_new


def test_an_evicted_session_of_which_nothing_was_stored_is_still_new(telemetry: Any, world: World) -> None:
    """As one whose only batch was refused."""
    sessions = Sessions(telemetry.pool)
    owner = (world.show.pk, world.show_app.pk, "never")
    sessions.resolve([owner])
    sessions.keep([], world.now.timestamp())
    sessions.resolve([owner])
    assert sessions.get(*owner[1:]).is_new
