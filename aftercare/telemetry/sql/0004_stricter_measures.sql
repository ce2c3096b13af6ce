-- What counts as what became stricter: a start or join whose time nobody told is not an instant one, an exit within a
-- second is no exit before start, and a call counts once, by its caller's leg (docs/decisions/0005). Measures whose meaning
-- changed are made anew, so that no sum mixes both meanings: the roll-ups of data from before do not have them.
-- Minutes are kept for 70 days instead of 35: the bandwidth that bills use needs five-minute slots of a whole calendar
-- month, and the last month begins up to 62 days ago.
-- Each ALTER is said twice: for the tables of a node, then for the distributed ones over them. Without a cluster the two
-- are the same table, and the second changes nothing.

DROP VIEW IF EXISTS step_to_r10s {on_cluster};
DROP VIEW IF EXISTS step_to_r1m {on_cluster};
DROP VIEW IF EXISTS step_to_r1h {on_cluster};

ALTER TABLE r10s{local} {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE r10s {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE r10s{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS joins_ok_5s SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_judged SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_instant SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_left SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_under_600 SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS wait_cells SimpleAggregateFunction(sumMap, Map(Int16, Int64));
ALTER TABLE r10s {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS joins_ok_5s SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_judged SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_instant SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_left SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_under_600 SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS wait_cells SimpleAggregateFunction(sumMap, Map(Int16, Int64));

ALTER TABLE r1m{local} {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE r1m {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE r1m{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS joins_ok_5s SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_judged SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_instant SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_left SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_under_600 SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS wait_cells SimpleAggregateFunction(sumMap, Map(Int16, Int64));
ALTER TABLE r1m {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS joins_ok_5s SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_judged SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_instant SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_left SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_under_600 SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS wait_cells SimpleAggregateFunction(sumMap, Map(Int16, Int64));

ALTER TABLE r1h{local} {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE r1h {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE r1h{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS joins_ok_5s SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_judged SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_instant SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_left SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_under_600 SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS wait_cells SimpleAggregateFunction(sumMap, Map(Int16, Int64));
ALTER TABLE r1h {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS joins_ok_5s SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_judged SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_instant SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS starts_left SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_timed SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS calls_under_600 SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS callees_connected SimpleAggregateFunction(sum, Int64),
    ADD COLUMN IF NOT EXISTS wait_cells SimpleAggregateFunction(sumMap, Map(Int16, Int64));

ALTER TABLE step{local} {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE step {on_cluster}
    DROP COLUMN IF EXISTS sessions_stalled,
    DROP COLUMN IF EXISTS joins_ok_5s,
    DROP COLUMN IF EXISTS starts,
    DROP COLUMN IF EXISTS starts_instant,
    DROP COLUMN IF EXISTS starts_left,
    DROP COLUMN IF EXISTS calls,
    DROP COLUMN IF EXISTS calls_connected,
    DROP COLUMN IF EXISTS calls_under_600,
    DROP COLUMN IF EXISTS first_frame_cells,
    DROP COLUMN IF EXISTS call_connect_cells;
ALTER TABLE step{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed Int64,
    ADD COLUMN IF NOT EXISTS joins_ok_5s Int64,
    ADD COLUMN IF NOT EXISTS starts Int64,
    ADD COLUMN IF NOT EXISTS starts_judged Int64,
    ADD COLUMN IF NOT EXISTS starts_timed Int64,
    ADD COLUMN IF NOT EXISTS starts_instant Int64,
    ADD COLUMN IF NOT EXISTS starts_left Int64,
    ADD COLUMN IF NOT EXISTS calls Int64,
    ADD COLUMN IF NOT EXISTS calls_connected Int64,
    ADD COLUMN IF NOT EXISTS calls_timed Int64,
    ADD COLUMN IF NOT EXISTS calls_under_600 Int64,
    ADD COLUMN IF NOT EXISTS callees Int64,
    ADD COLUMN IF NOT EXISTS callees_connected Int64,
    ADD COLUMN IF NOT EXISTS wait_cells Map(Int16, Int64);
ALTER TABLE step {on_cluster}
    ADD COLUMN IF NOT EXISTS joins_timed Int64,
    ADD COLUMN IF NOT EXISTS joins_ok_5s Int64,
    ADD COLUMN IF NOT EXISTS starts Int64,
    ADD COLUMN IF NOT EXISTS starts_judged Int64,
    ADD COLUMN IF NOT EXISTS starts_timed Int64,
    ADD COLUMN IF NOT EXISTS starts_instant Int64,
    ADD COLUMN IF NOT EXISTS starts_left Int64,
    ADD COLUMN IF NOT EXISTS calls Int64,
    ADD COLUMN IF NOT EXISTS calls_connected Int64,
    ADD COLUMN IF NOT EXISTS calls_timed Int64,
    ADD COLUMN IF NOT EXISTS calls_under_600 Int64,
    ADD COLUMN IF NOT EXISTS callees Int64,
    ADD COLUMN IF NOT EXISTS callees_connected Int64,
    ADD COLUMN IF NOT EXISTS wait_cells Map(Int16, Int64);

ALTER TABLE sessions{local} {on_cluster}
    ADD COLUMN IF NOT EXISTS audio_frozen_200_ms SimpleAggregateFunction(sum, Int64);
ALTER TABLE sessions {on_cluster}
    ADD COLUMN IF NOT EXISTS audio_frozen_200_ms SimpleAggregateFunction(sum, Int64);

ALTER TABLE r1m{local} {on_cluster} MODIFY TTL bucket + toIntervalDay(70);

CREATE MATERIALIZED VIEW IF NOT EXISTS step_to_r10s {on_cluster} TO r10s{local} AS
SELECT customer, app, writer, keep_days, bucket AS bucket, cut, value,
    reports, sessions, interval_ms, play_ms, stall_ms, stall_count, video_ms, audio_ms, bytes, frames, frames_dropped, packets, packets_lost, no_sound_ms, black_ms, watched_ms, fps_weighted, fps_known_ms, bitrate_kbps_weighted, bitrate_kbps_known_ms, rtt_ms_weighted, rtt_ms_known_ms, jitter_ms_weighted, jitter_ms_known_ms, delay_ms_weighted, delay_ms_known_ms, buffer_ms_weighted, buffer_ms_known_ms, delay_over_400_ms, video_frozen_200_ms, video_frozen_500_ms, video_frozen_600_ms, audio_frozen_200_ms, joins, joins_ok, joins_timed, joins_ok_5s, starts, starts_judged, starts_ok, starts_timed, starts_instant, starts_failed, starts_left, pushes, pushes_ok, push_ends, push_breaks, calls, calls_connected, calls_timed, calls_under_600, callees, callees_connected, errors, wait_cells
FROM step{local};

CREATE MATERIALIZED VIEW IF NOT EXISTS step_to_r1m {on_cluster} TO r1m{local} AS
SELECT customer, app, writer, keep_days, toStartOfMinute(bucket) AS bucket, cut, value,
    reports, sessions, interval_ms, play_ms, stall_ms, stall_count, video_ms, audio_ms, bytes, frames, frames_dropped, packets, packets_lost, no_sound_ms, black_ms, watched_ms, fps_weighted, fps_known_ms, bitrate_kbps_weighted, bitrate_kbps_known_ms, rtt_ms_weighted, rtt_ms_known_ms, jitter_ms_weighted, jitter_ms_known_ms, delay_ms_weighted, delay_ms_known_ms, buffer_ms_weighted, buffer_ms_known_ms, delay_over_400_ms, video_frozen_200_ms, video_frozen_500_ms, video_frozen_600_ms, audio_frozen_200_ms, joins, joins_ok, joins_timed, joins_ok_5s, starts, starts_judged, starts_ok, starts_timed, starts_instant, starts_failed, starts_left, pushes, pushes_ok, push_ends, push_breaks, calls, calls_connected, calls_timed, calls_under_600, callees, callees_connected, errors, wait_cells, users, users_stalled
FROM step{local};

CREATE MATERIALIZED VIEW IF NOT EXISTS step_to_r1h {on_cluster} TO r1h{local} AS
SELECT customer, app, writer, keep_days, toStartOfHour(bucket) AS bucket, cut, value,
    reports, sessions, interval_ms, play_ms, stall_ms, stall_count, video_ms, audio_ms, bytes, frames, frames_dropped, packets, packets_lost, no_sound_ms, black_ms, watched_ms, fps_weighted, fps_known_ms, bitrate_kbps_weighted, bitrate_kbps_known_ms, rtt_ms_weighted, rtt_ms_known_ms, jitter_ms_weighted, jitter_ms_known_ms, delay_ms_weighted, delay_ms_known_ms, buffer_ms_weighted, buffer_ms_known_ms, delay_over_400_ms, video_frozen_200_ms, video_frozen_500_ms, video_frozen_600_ms, audio_frozen_200_ms, joins, joins_ok, joins_timed, joins_ok_5s, starts, starts_judged, starts_ok, starts_timed, starts_instant, starts_failed, starts_left, pushes, pushes_ok, push_ends, push_breaks, calls, calls_connected, calls_timed, calls_under_600, callees, callees_connected, errors, wait_cells, users, users_stalled
FROM step{local};
