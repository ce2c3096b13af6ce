"""The columns of measurements that are nobody's session: what servers and exporters count under names of their own.

A series is a name with labels; its points are numbers, its distributions histograms. What the catalog recognises
becomes rows of `samples` beside them.
"""

# How the numbers of a series are to be read. A counter only grows until it begins anew; a delta is what came since the
# point before; distributions come in both ways, too.
KINDS = ("gauge", "counter", "delta", "distribution", "distribution_delta")

SERIES_TYPES: dict[str, str] = {
    "customer": "UInt32",
    "app": "UInt32",
    "keep_days": "UInt16",
    "day": "Date",
    "name": "String",
    "id": "UInt64",
    "kind": "LowCardinality(String)",
    "unit": "LowCardinality(String)",
    "labels": "Map(LowCardinality(String), String)",
}

POINT_TYPES: dict[str, str] = {
    "customer": "UInt32",
    "app": "UInt32",
    "keep_days": "UInt16",
    "commit": "UInt64",
    "series": "UInt64",
    "ts": "DateTime64(3, 'UTC')",
    "value": "Float64",
}

# `counts` has one entry more than `bounds`: what is at most each bound, and what is above the last. NaN is unknown.
DISTRIBUTION_TYPES: dict[str, str] = {
    "customer": "UInt32",
    "app": "UInt32",
    "keep_days": "UInt16",
    "commit": "UInt64",
    "series": "UInt64",
    "ts": "DateTime64(3, 'UTC')",
    "count": "Float64",
    "sum": "Float64",
    "least": "Float64",
    "most": "Float64",
    "bounds": "Array(Float64)",
    "counts": "Array(Float64)",
}
