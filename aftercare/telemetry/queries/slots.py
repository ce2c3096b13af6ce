"""A metric in short slots of time for every customer at once: what days of a status page are counted from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aftercare.telemetry.queries.asking import ask
from aftercare.telemetry.queries.reading import (
    BUCKETS_S,
    MINUTE_AGE,
    Filters,
    Reading,
    Totals,
    checked_filters,
    epoch_s,
    totals_of,
)
from aftercare.telemetry.schema.catalog import Metric
from aftercare.telemetry.schema.cuts import JOINT, cut_columns, cut_for

SLOT_S = 300


@dataclass(frozen=True)
class Slot:
    """One customer's totals in one slot, begun at epoch seconds `at` and `length_s` long."""

    customer_id: int
    at: int
    length_s: int
    totals: Totals


def slots_of_customers(
    metric: Metric,
    start: datetime,
    end: datetime,
    *,
    filters: Filters | None = None,
    customer_id: int | None = None,
    app_id: int | None = None,
    now: datetime,
) -> Iterator[Slot]:
    """Each slot from `start` to `end` in which a customer reported, of all customers or one, of all their apps or one.

    Slots are of SLOT_S; where the minutes are too old to be there still, of an hour. It is the provider's own question:
    whoever shows an answer to a customer takes theirs alone. Raises Refused for an unknown dimension and for a set of
    dimensions that no rollup holds.
    """
    checked = checked_filters(filters)
    cut = cut_for(set(checked))
    if cut is None:
        raise KeyError(f"no rollup holds {sorted(checked)}")
    table = "r1m" if now - start <= MINUTE_AGE - timedelta(days=1) else "r1h"
    length = max(SLOT_S, BUCKETS_S[table])
    source = Reading(table, BUCKETS_S[table], "", {}, cut)
    conditions = [
        *(["customer = {customer:UInt32}"] if customer_id is not None else []),
        *(["app = {app:UInt32}"] if app_id is not None else []),
        "cut = {cut:String}",
        "bucket >= toDateTime({start:UInt32}, 'UTC')",
        "bucket < toDateTime({end:UInt32}, 'UTC')",
        *(["value = {value:String}"] if cut else []),
    ]
    parameters = {
        "customer": customer_id or 0,
        "app": app_id or 0,
        "cut": cut,
        "start": epoch_s(start),
        "end": epoch_s(end),
        "value": JOINT.join(checked[column] for column in cut_columns(cut)),
    }
    rows = ask(
        "telemetry.slots",
        f"SELECT customer, {source.stepped(length)} AS slot, {source.totals(metric.measures)} FROM {table} "
        f"WHERE {' AND '.join(conditions)} GROUP BY customer, slot",
        parameters,
    )
    for customer, at, *values in rows:
        yield Slot(int(customer), int(at), length, totals_of(metric.measures, values))
