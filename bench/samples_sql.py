"""SQL that makes samples inside the engine, seeded and uneven as life is, and their roll-ups by the product's own SQL.

A session is a hash of its hour and its number in that hour, so any stretch of time can be made by itself and made
again the same: sessions of the hours before are made as well and cut to the stretch.
"""

from dataclasses import replace

from aftercare.telemetry.schema.columns import COLUMN_TYPES, DIMENSIONS, GAUGES, LOADS
from aftercare.telemetry.schema.measures import Measure
from aftercare.telemetry.store.rollups import Rollup

CUSTOMERS, APPS = 100, 120
ROWS_PER_SESSION = 60.0
MEASURED_ROWS = 59.4  # what the distribution of lengths gives, cut as it is
LONGEST_H = 1
HOUR_S, DAY_S, STEP_MS = 3600, 86_400, 5000
SEED = 20
# Sessions begun per hour of the day (UTC), per thousand of the day: people watch in the evening, in China.
CURVE = (38, 36, 34, 36, 40, 38, 36, 36, 38, 42, 50, 62, 76, 84, 80, 66, 46, 30, 20, 14, 12, 16, 30, 40)
# App n belongs to customer n; twenty customers have a second, smaller app.
SCENARIOS = ("show_live", "one_to_one", "voice_room", "game_live", "show_live", "education")
PROVINCES = (
    *("Guangdong", "Jiangsu", "Shandong", "Zhejiang", "Henan", "Sichuan", "Hubei", "Hunan", "Hebei", "Fujian"),
    *("Shanghai", "Anhui", "Beijing", "Shaanxi", "Jiangxi", "Liaoning", "Chongqing", "Yunnan", "Guangxi", "Shanxi"),
    *("Guizhou", "Tianjin", "Heilongjiang", "Jilin", "Xinjiang", "Gansu", "Hainan", "Ningxia", "Qinghai", "Tibet"),
)
CARRIERS = ("China Mobile", "China Telecom", "China Unicom", "China Broadnet")
ABROAD = ("ID", "VN", "TH", "SA", "BR", "US")
OFTEN = 1_000_000


def customer_of(app: int) -> int:
    """Whose app it is."""
    return app if app <= CUSTOMERS else app - CUSTOMERS


def weights() -> list[float]:
    """Each app's share of all sessions: the first has about a fifth, the last next to nothing."""
    raw = [1 / place**1.05 for place in range(1, CUSTOMERS + 1)]
    raw += [0.3 / place for place in range(1, APPS - CUSTOMERS + 1)]
    return [weight / sum(raw) for weight in raw]


def scenario_of(app: int) -> str:
    """What kind of product an app is."""
    return SCENARIOS[(app - 1) % len(SCENARIOS)]


def keep_days_of(app: int) -> int:
    """Days of the plan: the largest customers bought the largest plan."""
    return 90 if customer_of(app) <= 30 else 30


def listed(values: object) -> str:
    """A tuple as a ClickHouse array."""
    assert isinstance(values, tuple | list)
    return "[" + ", ".join(repr(value) for value in values) + "]"


def chance(place: int) -> str:
    """SQL: a number from 0 to 1 that belongs to the session and this place."""
    return f"(cityHash64(h, {place}) % {OFTEN} / {OFTEN})"


def skewed(values: object, place: int, power: float = 2) -> str:
    """SQL: one of the values, the first ones more often."""
    assert isinstance(values, tuple | list)
    return f"{listed(values)}[1 + toUInt32(floor(pow({chance(place)}, {power}) * {len(values)}))]"


def session_columns(sessions_total: float) -> dict[str, str]:
    """SQL of what holds for a whole session, in order: later ones may use earlier ones."""
    cumulated, sums = 0.0, []
    for weight in weights():
        cumulated += weight
        sums.append(round(cumulated * OFTEN))
    apps = range(1, APPS + 1)
    people = [max(5, round(weight * sessions_total / 3)) for weight in weights()]
    return {
        "u_app": f"least(arrayFirstIndex(edge -> cityHash64(h, 1) % {OFTEN} < edge, {listed(sums)}), {APPS})",
        "app": "if(u_app = 0, 1, u_app)",
        "customer": f"if(app <= {CUSTOMERS}, app, app - {CUSTOMERS})",
        "keep_days": f"{listed([keep_days_of(app) for app in apps])}[app]",
        "scenario": f"{listed([scenario_of(app) for app in apps])}[app]",
        "started": f"toInt64(hour) * 1000 + toInt64(cityHash64(h, 2) % {HOUR_S * 1000})",
        "length": f"least(toUInt32(4 - log(greatest({chance(3)}, 0.000001)) * {ROWS_PER_SESSION - 4}), 700)",
        "session": "lower(hex(sipHash128(h, 4)))",
        "stream": f"concat('room-', toString(toUInt32(pow({chance(5)}, 4) * ({listed(people)}[app] / 20 + 3))))",
        "call": "if(scenario = 'one_to_one', lower(hex(cityHash64(h, 6))), '')",
        "user": f"lower(hex(sipHash128(app, toUInt32(pow({chance(7)}, 3) * {listed(people)}[app]))))",
        "role": f"multiIf(scenario = 'one_to_one', 'caller', {chance(8)} < 0.04, 'host', 'audience')",
        "country": f"if({chance(9)} < 0.93, 'CN', {skewed(ABROAD, 10)})",
        "province": f"if(country = 'CN', {skewed(PROVINCES, 11)}, '')",
        "carrier": f"if(country = 'CN', {skewed(CARRIERS, 12)}, '')",
        "network": skewed(("wifi", "5g", "4g"), 13, 1.5),
        "device": f"concat('model ', toString(toUInt32(pow({chance(14)}, 2) * 80)))",
        "os": skewed(("Android 14", "iOS 18", "Android 13", "iOS 17", "Android 12", "Android 15", "HarmonyOS 5"), 15),
        "sdk": "if(scenario = 'one_to_one', 'rtc', 'player')",
        "sdk_version": skewed(("4.3.1", "4.3.0", "4.2.6", "4.1.9", "3.9.2"), 16, 2.5),
        "app_version": skewed(("8.12.0", "8.11.4", "8.10.1", "7.0.9"), 17, 2.5),
        "edge": f"concat('edge-', toString(toUInt32(pow({chance(18)}, 1.5) * 24)))",
        "cdn": "if(scenario = 'one_to_one', '', concat('cdn-', toString(app % 3)))",
        "domain": "if(cdn = '', '', concat('play', toString(app), '.example.com'))",
        "protocol": "if(scenario IN ('one_to_one', 'voice_room'), 'rtc', 'flv')",
        "region_pair": "if(scenario = 'one_to_one' AND province != '', concat(province, ' - Guangdong'), '')",
        "is_bad": f"{chance(19)} < multiIf(province = 'Tibet', 0.4, carrier = 'China Broadnet', 0.25, 0.12)",
        "fails": f"{chance(20)} < 0.006",
        "first_ms": f"toUInt32(250 * exp(1.1 * (({chance(21)} + {chance(22)} + {chance(23)}) * 2 - 3)) + 120)",
        "base_rtt": f"toInt32(18 + pow({chance(24)}, 3) * 160)",
        "first_stall": "2 + h % 10",
        "has_video": "scenario != 'voice_room'",
    }


ROW_COLUMNS = {
    "r": "cityHash64(h, i)",
    "ts_ms": f"started + i * {STEP_MS} + if(i > 1, toInt64(h % 900), toInt64(i * (first_ms % 3000)))",
    "ts": "fromUnixTimestamp64Milli(ts_ms, 'UTC')",
    "received_ms": "ts_ms + 150 + toInt64(r % 400)",
    "received": "fromUnixTimestamp64Milli(received_ms, 'UTC')",
    "batch": "cityHash64(app, intDiv(ts_ms, 2000))",
    "line": "0",
    "source": "'native'",
    "sign": "1",
    "event": (
        "multiIf(i = 0, 'join_ok', i = 1, multiIf(fails, 'start_failed', scenario = 'one_to_one', 'call_connected', "
        "'first_frame'), i + 1 = length, 'leave', fails AND i = 2, 'error', '')"
    ),
    "code": "if(event IN ('start_failed', 'error'), toString(1000 + h % 7), '')",
    "elapsed_ms": "multiIf(event = 'join_ok', toUInt32(first_ms / 2), i = 1 AND NOT fails, first_ms, 0)",
    "is_interval": "event = ''",
    "is_stall": "is_interval AND is_bad AND (i = first_stall OR i > first_stall AND r % 100 < 14)",
    "opened": "toInt8(i = 0)",
    "interval_ms": f"if(is_interval, {STEP_MS}, 0)",
    "stall_ms": "if(is_stall, toInt32(250 + bitShiftRight(r, 8) % 2200), 0)",
    "play_ms": "interval_ms - stall_ms",
    "stall_count": "toInt32(is_stall)",
    "video_ms": "if(has_video, interval_ms, 0)",
    "audio_ms": "interval_ms",
    "bytes": "if(is_interval, toInt64(600000 + bitShiftRight(r, 16) % 500000), 0)",
    "frames": "if(has_video, toInt32(play_ms / 40), 0)",
    "frames_dropped": "if(has_video AND is_stall, toInt32(bitShiftRight(r, 24) % 20), 0)",
    "packets": "if(is_interval, toInt32(900 + bitShiftRight(r, 28) % 300), 0)",
    "packets_lost": "if(is_interval AND r % 10 < 3, toInt32(bitShiftRight(r, 32) % 12), 0)",
    "no_sound_ms": "if(is_stall, toInt32(stall_ms / 2), 0)",
    "black_ms": "0",
    **dict.fromkeys(("requests", "requests_failed", "served_bytes", "load_ms"), "0"),
    "fps": "if(is_interval AND has_video, (240 + bitShiftRight(r, 36) % 12) / 10, nan)",
    "bitrate_kbps": "if(is_interval, toFloat32(1000 + bitShiftRight(r, 40) % 900), nan)",
    "rtt_ms": "if(is_interval, toFloat32(base_rtt + bitShiftRight(r, 44) % 20), nan)",
    "jitter_ms": "if(is_interval, toFloat32(2 + bitShiftRight(r, 48) % 9), nan)",
    "delay_ms": "if(is_interval AND protocol = 'rtc', toFloat32(base_rtt + 60 + bitShiftRight(r, 52) % 50), nan)",
    "buffer_ms": "if(is_interval AND protocol = 'flv', toFloat32(1500 + bitShiftRight(r, 50) % 2000), nan)",
    **dict.fromkeys(LOADS, "nan"),
    "video_gaps": "if(has_video AND stall_ms >= 300, [toUInt32(stall_ms)], [])",
    "audio_gaps": "if(is_stall AND r % 5 = 0, [toUInt32(200 + stall_ms % 300)], [])",
    "width": "if(i = 1 AND has_video, 720, 0)",
    "height": "if(i = 1 AND has_video, 1280, 0)",
    "detail": "''",
}
SETTINGS = (
    "SETTINGS max_block_size = 8192, min_insert_block_size_rows = 10000000, min_insert_block_size_bytes = 8000000000, "
    "max_insert_threads = 1"
)


def insert_samples(first_s: int, last_s: int, *, per_day: int, days: int, commit: int, threads: int) -> str:
    """The statement that makes all rows with first_s <= ts < last_s, of `per_day` rows a day on the mean.

    Commit numbers are one per second of receiving, from `commit` on.
    """
    hours = list(range(first_s // HOUR_S - LONGEST_H, -(-last_s // HOUR_S)))
    counts = [round(per_day / MEASURED_ROWS * CURVE[hour % 24] / sum(CURVE)) for hour in hours]
    sums = [sum(counts[:place]) for place in range(len(counts))]
    made = session_columns(per_day / ROWS_PER_SESSION * days)
    session = ", ".join(f"{sql} AS {name}" for name, sql in made.items())
    rows = ", ".join(f"{sql} AS {name}" for name, sql in ROW_COLUMNS.items())
    commits = f"toUInt64({commit} + greatest(intDiv(received_ms, 1000) - {first_s}, 0)) AS commit"
    return (
        f"INSERT INTO samples ({', '.join(COLUMN_TYPES)}) SELECT {', '.join(COLUMN_TYPES)} FROM ("
        f"SELECT *, {rows}, {commits} FROM (SELECT *, arrayJoin(range(length)) AS i FROM ("
        f"SELECT *, {session} FROM (SELECT arrayLastIndex(edge -> edge <= number, {listed(sums)}) AS place, "
        f"{listed(hours)}[place] * {HOUR_S} AS hour, "
        f"cityHash64({SEED}, hour, number - {listed(sums)}[place]) AS h FROM numbers({sum(counts)})))) "
        f"WHERE ts_ms >= {first_s * 1000} AND ts_ms < {last_s * 1000}) {SETTINGS}, max_threads = {threads}"
    )


def compacted(source: str, bucket_s: int, measures: tuple[Measure, ...]) -> str:
    """SQL: one row per session and bucket, its measures merged from raw rows or from a finer compaction.

    A session's facts do not change in made data, so the roll-ups of these rows are those of the raw ones.
    """
    # Not by their own names inside: measures look at facts, too, and a fact's name would then mean its aggregate.
    facts = ", ".join(f"any({name}) AS f_{name}" for name in DIMENSIONS)
    sums = ", ".join(f"{measure.raw} AS m_{measure.name}" for measure in measures)
    named = ", ".join(f"m_{measure.name} AS {measure.name}" for measure in measures)
    kept = f"customer, app, keep_days, session, {', '.join(f'f_{name} AS {name}' for name in DIMENSIONS)}"
    return (
        f"SELECT {kept}, bucket AS ts, {named} FROM (SELECT customer, app, keep_days, session, {facts}, "
        f"toStartOfInterval(toDateTime(ts, 'UTC'), INTERVAL {bucket_s} SECOND) AS bucket, {sums} FROM {source} "
        "GROUP BY customer, app, keep_days, session, bucket)"
    )


def merging(measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """The same measures made from rows that hold them already."""
    state = "uniqCombined64MergeState(14)({})"
    forms = {"sum": "sum({})", "cells": "sumMap({})", "users": state}
    return tuple(replace(measure, raw=forms[measure.kind].format(measure.name)) for measure in measures)


def compacted_rollup(rollup: Rollup, source: str) -> str:
    """The statement that fills a rollup by its own SQL from compacted rows instead of raw ones."""
    own = replace(rollup, measures=merging(rollup.measures)).select("1")
    assert own.count("FROM samples WHERE 1") == 1
    chosen = own.replace("FROM samples WHERE 1", f"FROM {source}")
    return f"INSERT INTO {rollup.name} (writer, {rollup.columns()}) SELECT 0, * FROM ({chosen})"


assert set(COLUMN_TYPES) <= {*session_columns(1), *ROW_COLUMNS, "commit"} and set(GAUGES) <= set(ROW_COLUMNS)
