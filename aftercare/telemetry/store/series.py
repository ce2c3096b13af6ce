"""Which series were told of lately: what an ingest process has to know again after a start."""

from collections.abc import Collection, Iterator, Mapping

from aftercare.telemetry.store.client import ClientPool

DAY_MS = 86_400_000


def series_of_days(pool: ClientPool, now_ms: int) -> Iterator[tuple[int, int, int, int]]:
    """Today's and yesterday's series as (customer, app, day since the epoch, id)."""
    day = now_ms // DAY_MS
    rows = pool.rows(
        "SELECT DISTINCT customer, app, toUInt16(day), id FROM series "
        "WHERE day >= toDate({since:UInt16}) AND day <= toDate({until:UInt16})",
        {"since": day - 1, "until": day},
    )
    for customer, app, of_day, identifier in rows:
        yield int(customer), int(app), int(of_day), int(identifier)


def series_named(
    pool: ClientPool, names: Collection[str], now_ms: int
) -> Iterator[tuple[int, int, int, str, str, str, Mapping[str, str]]]:
    """Today's and yesterday's series of these names as (customer, app, id, name, kind, unit, labels)."""
    rows = pool.rows(
        "SELECT DISTINCT customer, app, id, name, kind, unit, labels FROM series "
        "WHERE day >= toDate({since:UInt16}) AND name IN {names:Array(String)}",
        {"since": now_ms // DAY_MS - 1, "names": sorted(names)},
    )
    for customer, app, identifier, name, kind, unit, labels in rows:
        yield int(customer), int(app), int(identifier), name, kind, unit, labels
