-- Raw reports, one row each, and the lines that were refused at the door.
-- Sorted so that one session's rows lie together; parts are per day and per retention, so that a whole part
-- goes when its plan's days are over, without rewriting anything.
-- fsync: an acknowledged commit must survive a power cut, not only a killed process.

CREATE TABLE IF NOT EXISTS samples{local} {on_cluster}
(
    customer UInt32,
    app UInt32,
    keep_days UInt16,
    commit UInt64,
    batch UInt64,
    line UInt64,
    received DateTime64(3, 'UTC'),
    ts DateTime64(3, 'UTC'),
    source LowCardinality(String),
    session String,
    stream String,
    call String,
    user String,
    role LowCardinality(String),
    scenario LowCardinality(String),
    country LowCardinality(String),
    province LowCardinality(String),
    carrier LowCardinality(String),
    network LowCardinality(String),
    device LowCardinality(String),
    os LowCardinality(String),
    sdk LowCardinality(String),
    sdk_version LowCardinality(String),
    app_version LowCardinality(String),
    edge LowCardinality(String),
    cdn LowCardinality(String),
    domain LowCardinality(String),
    protocol LowCardinality(String),
    region_pair LowCardinality(String),
    sign Int8,
    event LowCardinality(String),
    code LowCardinality(String),
    elapsed_ms UInt32,
    opened Int8,
    stalled Int8,
    interval_ms Int32,
    play_ms Int32,
    stall_ms Int32,
    stall_count Int32,
    video_ms Int32,
    audio_ms Int32,
    bytes Int64,
    frames Int32,
    frames_dropped Int32,
    packets Int32,
    packets_lost Int32,
    no_sound_ms Int32,
    black_ms Int32,
    fps Float32,
    bitrate_kbps Float32,
    rtt_ms Float32,
    jitter_ms Float32,
    delay_ms Float32,
    buffer_ms Float32,
    video_gaps Array(UInt32),
    audio_gaps Array(UInt32),
    width UInt16,
    height UInt16,
    detail String,
    INDEX by_commit commit TYPE minmax GRANULARITY 1,
    INDEX by_session session TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {engine:MergeTree}
PARTITION BY (toDate(ts), keep_days)
ORDER BY (customer, app, toStartOfHour(ts), session, ts)
TTL toDateTime(ts) + toIntervalDay(keep_days)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, max_suspicious_broken_parts = 100;

CREATE TABLE IF NOT EXISTS rejects{local} {on_cluster}
(
    customer UInt32,
    app UInt32,
    received DateTime64(3, 'UTC'),
    source LowCardinality(String),
    line UInt32,
    reason String,
    excerpt String
)
ENGINE = {engine:MergeTree}
PARTITION BY toDate(received)
ORDER BY (customer, app, received)
TTL toDateTime(received) + toIntervalDay(7)
SETTINGS ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1;
