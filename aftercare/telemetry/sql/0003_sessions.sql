-- One row per session and day once merged: what the session search reads instead of raw rows.
-- Parts are per week and granules small: a search over a month opens five parts instead of thirty, and the fifty
-- sessions that it tells in full are read from fifty small granules.

CREATE TABLE IF NOT EXISTS sessions{local} {on_cluster}
(
    customer UInt32,
    app UInt32,
    writer UInt16,
    keep_days SimpleAggregateFunction(max, UInt16),
    day Date,
    session String,
    started_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    ended_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    stream SimpleAggregateFunction(max, String),
    call SimpleAggregateFunction(max, String),
    user SimpleAggregateFunction(max, String),
    role SimpleAggregateFunction(max, String),
    country SimpleAggregateFunction(max, String),
    province SimpleAggregateFunction(max, String),
    carrier SimpleAggregateFunction(max, String),
    network SimpleAggregateFunction(max, String),
    device SimpleAggregateFunction(max, String),
    os SimpleAggregateFunction(max, String),
    sdk SimpleAggregateFunction(max, String),
    sdk_version SimpleAggregateFunction(max, String),
    app_version SimpleAggregateFunction(max, String),
    edge SimpleAggregateFunction(max, String),
    cdn SimpleAggregateFunction(max, String),
    domain SimpleAggregateFunction(max, String),
    protocol SimpleAggregateFunction(max, String),
    interval_ms SimpleAggregateFunction(sum, Int64),
    play_ms SimpleAggregateFunction(sum, Int64),
    stall_ms SimpleAggregateFunction(sum, Int64),
    stall_count SimpleAggregateFunction(sum, Int64),
    video_ms SimpleAggregateFunction(sum, Int64),
    video_frozen_600_ms SimpleAggregateFunction(sum, Int64),
    errors SimpleAggregateFunction(sum, Int64),
    first_frame_ms SimpleAggregateFunction(max, UInt32),
    reports SimpleAggregateFunction(sum, Int64),
    INDEX by_user user TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_stream stream TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {engine:AggregatingMergeTree}
PARTITION BY toMonday(day)
ORDER BY (customer, app, day, session, writer)
TTL day + toIntervalDay(90)
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;
