-- What servers and CDNs tell beside the sessions: requests, their failures and times, bytes sent, load.
-- Each ALTER is said twice: for the tables of a node, then for the distributed ones over them. Without a cluster the two
-- are the same table, and the second changes nothing.

DROP VIEW IF EXISTS step_to_r10s {on_cluster};
DROP VIEW IF EXISTS step_to_r1m {on_cluster};
DROP VIEW IF EXISTS step_to_r1h {on_cluster};

ALTER TABLE samples{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS requests Int32 AFTER black_ms,
    ADD COLUMN IF NOT EXISTS requests_failed Int32 AFTER requests,
    ADD COLUMN IF NOT EXISTS served_bytes Int64 AFTER requests_failed,
    ADD COLUMN IF NOT EXISTS load_ms Int32 AFTER served_bytes,
    ADD COLUMN IF NOT EXISTS cpu_pct Float32 DEFAULT nan AFTER buffer_ms,
    ADD COLUMN IF NOT EXISTS memory_pct Float32 DEFAULT nan AFTER cpu_pct;
ALTER TABLE samples {on_cluster}
    ADD COLUMN IF NOT EXISTS requests Int32 AFTER black_ms,
    ADD COLUMN IF NOT EXISTS requests_failed Int32 AFTER requests,
    ADD COLUMN IF NOT EXISTS served_bytes Int64 AFTER requests_failed,
    ADD COLUMN IF NOT EXISTS load_ms Int32 AFTER served_bytes,
    ADD COLUMN IF NOT EXISTS cpu_pct Float32 DEFAULT nan AFTER buffer_ms,
    ADD COLUMN IF NOT EXISTS memory_pct Float32 DEFAULT nan AFTER cpu_pct;
ALTER TABLE r10s{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS requests SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS requests_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_bytes SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS load_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms SimpleAggregateFunction(sum, Int64);
ALTER TABLE r10s {on_cluster}
    ADD COLUMN IF NOT EXISTS requests SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS requests_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_bytes SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS load_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms SimpleAggregateFunction(sum, Int64);
ALTER TABLE r1m{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS requests SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS requests_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_bytes SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS load_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS viewers AggregateFunction(uniqCombined64(14), String);
ALTER TABLE r1m {on_cluster}
    ADD COLUMN IF NOT EXISTS requests SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS requests_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_bytes SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS load_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS viewers AggregateFunction(uniqCombined64(14), String);
ALTER TABLE r1h{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS requests SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS requests_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_bytes SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS load_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS viewers AggregateFunction(uniqCombined64(14), String);
ALTER TABLE r1h {on_cluster}
    ADD COLUMN IF NOT EXISTS requests SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS requests_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_failed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS served_bytes SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS load_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_weighted SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS viewers AggregateFunction(uniqCombined64(14), String);
ALTER TABLE step{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS requests Int64,
    ADD COLUMN IF NOT EXISTS requests_failed Int64,
    ADD COLUMN IF NOT EXISTS served Int64,
    ADD COLUMN IF NOT EXISTS served_failed Int64,
    ADD COLUMN IF NOT EXISTS served_bytes Int64,
    ADD COLUMN IF NOT EXISTS load_ms Int64,
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted Int64,
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms Int64,
    ADD COLUMN IF NOT EXISTS memory_pct_weighted Int64,
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms Int64,
    ADD COLUMN IF NOT EXISTS viewers AggregateFunction(uniqCombined64(14), String);
ALTER TABLE step {on_cluster}
    ADD COLUMN IF NOT EXISTS requests Int64,
    ADD COLUMN IF NOT EXISTS requests_failed Int64,
    ADD COLUMN IF NOT EXISTS served Int64,
    ADD COLUMN IF NOT EXISTS served_failed Int64,
    ADD COLUMN IF NOT EXISTS served_bytes Int64,
    ADD COLUMN IF NOT EXISTS load_ms Int64,
    ADD COLUMN IF NOT EXISTS cpu_pct_weighted Int64,
    ADD COLUMN IF NOT EXISTS cpu_pct_known_ms Int64,
    ADD COLUMN IF NOT EXISTS memory_pct_weighted Int64,
    ADD COLUMN IF NOT EXISTS memory_pct_known_ms Int64,
    ADD COLUMN IF NOT EXISTS viewers AggregateFunction(uniqCombined64(14), String);

CREATE MATERIALIZED VIEW IF NOT EXISTS step_to_r10s {on_cluster} TO r10s{local} AS
SELECT customer, app, writer, keep_days, bucket AS bucket, cut, value,
    reports, sessions, interval_ms, play_ms, stall_ms, stall_count, video_ms, audio_ms, bytes, frames, frames_dropped, packets, packets_lost, no_sound_ms, black_ms, served_bytes, load_ms, requests, requests_failed, served, served_failed, watched_ms, fps_weighted, fps_known_ms, bitrate_kbps_weighted, bitrate_kbps_known_ms, rtt_ms_weighted, rtt_ms_known_ms, jitter_ms_weighted, jitter_ms_known_ms, delay_ms_weighted, delay_ms_known_ms, buffer_ms_weighted, buffer_ms_known_ms, cpu_pct_weighted, cpu_pct_known_ms, memory_pct_weighted, memory_pct_known_ms, delay_over_400_ms, video_frozen_200_ms, video_frozen_500_ms, video_frozen_600_ms, audio_frozen_200_ms, joins, joins_ok, joins_timed, joins_ok_5s, starts, starts_judged, starts_ok, starts_timed, starts_instant, starts_failed, starts_left, pushes, pushes_ok, push_ends, push_breaks, calls, calls_connected, calls_timed, calls_under_600, callees, callees_connected, errors, wait_cells
FROM step{local};

CREATE MATERIALIZED VIEW IF NOT EXISTS step_to_r1m {on_cluster} TO r1m{local} AS
SELECT customer, app, writer, keep_days, toStartOfMinute(bucket) AS bucket, cut, value,
    reports, sessions, interval_ms, play_ms, stall_ms, stall_count, video_ms, audio_ms, bytes, frames, frames_dropped, packets, packets_lost, no_sound_ms, black_ms, served_bytes, load_ms, requests, requests_failed, served, served_failed, watched_ms, fps_weighted, fps_known_ms, bitrate_kbps_weighted, bitrate_kbps_known_ms, rtt_ms_weighted, rtt_ms_known_ms, jitter_ms_weighted, jitter_ms_known_ms, delay_ms_weighted, delay_ms_known_ms, buffer_ms_weighted, buffer_ms_known_ms, cpu_pct_weighted, cpu_pct_known_ms, memory_pct_weighted, memory_pct_known_ms, delay_over_400_ms, video_frozen_200_ms, video_frozen_500_ms, video_frozen_600_ms, audio_frozen_200_ms, joins, joins_ok, joins_timed, joins_ok_5s, starts, starts_judged, starts_ok, starts_timed, starts_instant, starts_failed, starts_left, pushes, pushes_ok, push_ends, push_breaks, calls, calls_connected, calls_timed, calls_under_600, callees, callees_connected, errors, wait_cells, viewers, users, users_stalled
FROM step{local};

CREATE MATERIALIZED VIEW IF NOT EXISTS step_to_r1h {on_cluster} TO r1h{local} AS
SELECT customer, app, writer, keep_days, toStartOfHour(bucket) AS bucket, cut, value,
    reports, sessions, interval_ms, play_ms, stall_ms, stall_count, video_ms, audio_ms, bytes, frames, frames_dropped, packets, packets_lost, no_sound_ms, black_ms, served_bytes, load_ms, requests, requests_failed, served, served_failed, watched_ms, fps_weighted, fps_known_ms, bitrate_kbps_weighted, bitrate_kbps_known_ms, rtt_ms_weighted, rtt_ms_known_ms, jitter_ms_weighted, jitter_ms_known_ms, delay_ms_weighted, delay_ms_known_ms, buffer_ms_weighted, buffer_ms_known_ms, cpu_pct_weighted, cpu_pct_known_ms, memory_pct_weighted, memory_pct_known_ms, delay_over_400_ms, video_frozen_200_ms, video_frozen_500_ms, video_frozen_600_ms, audio_frozen_200_ms, joins, joins_ok, joins_timed, joins_ok_5s, starts, starts_judged, starts_ok, starts_timed, starts_instant, starts_failed, starts_left, pushes, pushes_ok, push_ends, push_breaks, calls, calls_connected, calls_timed, calls_under_600, callees, callees_connected, errors, wait_cells, viewers, users, users_stalled
FROM step{local};
