-- Measurements under names of their own: a row of `series` per name, labels and day on which something came, its numbers
-- in `points`, its histograms in `distributions`.
-- The same point sent twice is one point: rows equal in series and time are replaced by each other, and a query groups
-- by both until a merge has done so. `series` is read by name for lists and by customer at a start.
-- Sorted by series, so that a chart reads few granules; values compress by their neighbours in time.

CREATE TABLE IF NOT EXISTS series{local} {on_cluster}
(
    customer UInt32,
    app UInt32,
    keep_days UInt16,
    day Date,
    name String,
    id UInt64,
    kind LowCardinality(String),
    unit LowCardinality(String),
    labels Map(LowCardinality(String), String)
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY (toYYYYMM(day), keep_days)
ORDER BY (customer, app, name, id, day)
TTL day + toIntervalDay(keep_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS points{local} {on_cluster}
(
    customer UInt32,
    app UInt32,
    keep_days UInt16,
    commit UInt64,
    series UInt64,
    ts DateTime64(3, 'UTC'),
    value Float64,
    INDEX by_commit commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (toDate(ts), keep_days)
ORDER BY (series, ts)
TTL toDateTime(ts) + toIntervalDay(keep_days)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, max_suspicious_broken_parts = 100;

CREATE TABLE IF NOT EXISTS distributions{local} {on_cluster}
(
    customer UInt32,
    app UInt32,
    keep_days UInt16,
    commit UInt64,
    series UInt64,
    ts DateTime64(3, 'UTC'),
    count Float64,
    sum Float64,
    least Float64,
    most Float64,
    bounds Array(Float64),
    counts Array(Float64),
    INDEX by_commit commit TYPE minmax GRANULARITY 1
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY (toDate(ts), keep_days)
ORDER BY (customer, app, series, ts)
TTL toDateTime(ts) + toIntervalDay(keep_days)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, max_suspicious_broken_parts = 100;
