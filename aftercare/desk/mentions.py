"""What a message mentions that can be looked up: users, streams and rooms, sessions, times. Pure.

Every pattern is a fixed number of bounded pieces without nesting, so that a hostile text costs what its length costs;
only the first LONGEST characters are read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

LONGEST = 8_000
MOST = 8  # of each kind

# An identifier as players and servers have them. Not followed by more of the same, so that it is never cut.
ID = r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}(?![A-Za-z0-9_@-])"
# What stands between a label and its value: "uid 7", "uid: 7", "用户ID是7", "uid=7", "uid #7".
IS = r"[ \t]{0,3}(?:id|ID|号|名)?[ \t]{0,3}(?:[:：=#]|is |是|为)?[ \t]{0,3}[\"'“‘「（(]?"
USERS = re.compile(rf"(?:(?<![A-Za-z])(?:user(?:_?id)?|uid|account)|用户|主播|观众|账号|帐号){IS}({ID})", re.I)
STREAMS = re.compile(
    rf"(?:(?<![A-Za-z])(?:stream(?:_?(?:id|name|key))?|room(?:_?id)?|channel)|流|房间|频道){IS}({ID})", re.I
)
SESSIONS = re.compile(rf"(?:(?<![A-Za-z])(?:session(?:_?id)?|call(?:_?id)?|sid)|通话|播放记录){IS}({ID})", re.I)
UUID = re.compile(r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F-])")
URL = re.compile(r"(?:rtmps?|srt|webrtc|https?)://[A-Za-z0-9.:\[\]-]{1,128}/([A-Za-z0-9_./-]{1,256})")
MEDIA = re.compile(r"\.(?:flv|m3u8|mpd|mp4|ts)$")
# Words of either language that follow a label without being an identifier.
NOT_IDS = frozenset(("id", "is", "not", "cannot", "can", "and", "the", "in", "on", "was", "has", "who", "of", "name"))

CLOCK = r"(\d{1,2})(?:[:：](\d{2})(?:[:：](\d{2}))?|[点时](?:(\d{1,2})分?|(半)|整)?)"
PART = r"(凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|今晚|昨晚|前晚|昨夜|夜里)?"
DAY = r"(今天|昨天|前天|今日|昨日)?"
ZH_TIME = re.compile(rf"(?<![\d:：]){DAY}[ \t]?{PART}[ \t]?{CLOCK}(?!\d)")
DATED = re.compile(
    r"(?<!\d)(?:(\d{4})[-/.年])?(\d{1,2})[-/月](\d{1,2})[日号]?[T \t,，]{0,2}"
    + PART
    + r"[ \t]?"
    + CLOCK
    + r"[ \t]?(Z|[+-]\d{2}:?\d{2})?(?!\d)"
)
EN_TIME = re.compile(
    r"(?<![\d:])(?:(today|yesterday|last night|tonight|this morning)[ \t,]{0,2}(?:at |around |about )?[ \t]?)?"
    r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?[ \t]?(am|pm|a\.m\.|p\.m\.)?"
    r"(?:[ \t,]{1,2}(today|yesterday|last night))?(?![\d:])",
    re.I,
)
NIGHT = ("昨晚", "前晚", "今晚", "晚上", "傍晚", "昨夜")
AFTERNOON = ("下午", "中午", *NIGHT)
DAYS_BACK = {"昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "前天": 2, "前晚": 2, "yesterday": 1, "last night": 1}


@dataclass(frozen=True)
class Moment:
    """A time that somebody wrote, as an instant, with the words it came in."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Mentions:
    """What was found, each once, in the order of the text. `all_ids` is what a search may be filled with."""

    users: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    times: tuple[Moment, ...] = ()

    @property
    def all_ids(self) -> tuple[str, ...]:
        """Sessions first: they are the narrowest."""
        return tuple(dict.fromkeys((*self.sessions, *self.users, *self.streams)))

    def __bool__(self) -> bool:
        return bool(self.all_ids or self.times)


def find_mentions(text: str, *, written_at: datetime, zone: ZoneInfo) -> Mentions:
    """What `text` mentions. Times without a date are the last such time before `written_at` in the writer's zone."""
    text = text[:LONGEST]
    sessions = [*named(SESSIONS, text), *(found[0] for found in UUID.finditer(text))]
    users = [one for one in named(USERS, text) if one not in sessions]
    streams = [one for one in (*named(STREAMS, text), *streams_of_addresses(text)) if one not in sessions]
    times = sorted(times_in(text, written_at, zone), key=lambda found: found[0])
    return Mentions(
        users=once(users),
        streams=once(streams),
        sessions=once(sessions),
        times=tuple({moment.at: moment for _place, moment in times}.values())[:MOST],
    )


def once(found: list[str]) -> tuple[str, ...]:
    """Each once, the first MOST."""
    return tuple(dict.fromkeys(found))[:MOST]


def named(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """Identifiers behind their labels. A word of letters alone is a word and not an identifier."""
    for found in pattern.finditer(text):
        name = found[1].rstrip(".-")
        if name.lower() not in NOT_IDS and (any(c.isdigit() for c in name) or "_" in name or "-" in name):
            yield name


def streams_of_addresses(text: str) -> Iterator[str]:
    """The last part of an address that is pulled or pushed: rtmp://host/app/stream, https://host/app/stream.flv."""
    for found in URL.finditer(text):
        last = found[1].rstrip("/.").rpartition("/")[2]
        is_media = not found[0].startswith("http") or MEDIA.search(last)
        if is_media and last:
            yield MEDIA.sub("", last)


def times_in(text: str, written_at: datetime, zone: ZoneInfo) -> Iterator[tuple[int, Moment]]:
    """Every time with its place; a stretch of text that one pattern understood is not read again by the next."""
    taken: list[tuple[int, int]] = []
    for pattern, read in ((DATED, dated), (EN_TIME, in_english), (ZH_TIME, in_chinese)):
        for found in pattern.finditer(text):
            if any(found.start() < end and start < found.end() for start, end in taken):
                continue
            at = read(found, written_at, zone)
            if at is not None or pattern is DATED:  # what looks dated and is no date is no time of today either
                taken.append(found.span())
            if at is not None:
                yield found.start(), Moment(at.astimezone(UTC), found[0].strip())


def dated(found: re.Match[str], written_at: datetime, zone: ZoneInfo) -> datetime | None:
    """2026-11-30 20:00, 11-30 20:00:05, 11月30日晚上8点半; without a year the last such day."""
    year, month, day, part = found[1], int(found[2]), int(found[3]), found[4] or ""
    clock = clock_of(found.groups()[4:9], part)
    if clock is None:
        return None
    local = written_at.astimezone(zone)
    offset = zone if found[10] is None else zone_of(found[10])
    at = instant(int(year) if year else local.year, month, day, clock, offset)
    if at is not None and not year and at > written_at + timedelta(days=1):
        at = instant(local.year - 1, month, day, clock, offset)
    return at


def in_chinese(found: re.Match[str], written_at: datetime, zone: ZoneInfo) -> datetime | None:
    """昨晚8点半, 下午3点, 21:05."""
    day, part = found[1] or "", found[2] or ""
    clock = clock_of(found.groups()[2:7], part)
    if clock is None:
        return None
    back = DAYS_BACK.get(day, DAYS_BACK.get(part))
    if back is not None and part in NIGHT and clock[0] < 6:
        back -= 1  # 昨晚 2 点 is in the small hours of today
    return on_day(clock, back, bool(day) or part == "今晚", written_at, zone)


def in_english(found: re.Match[str], written_at: datetime, zone: ZoneInfo) -> datetime | None:
    """yesterday 9pm, last night at 8:30, 8:30 pm. A bare number is no time."""
    day = (found[1] or found[6] or "").lower()
    half = (found[5] or "").lower().replace(".", "")
    if not half and not day:
        return None  # a bare 21:05 is the other language's too, and read there
    hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "pm")
    elif day in ("last night", "tonight") and 6 <= hour <= 11:
        hour += 12
    if hour > 23 or minute > 59 or second > 59:
        return None
    back = DAYS_BACK.get(day)
    if day == "last night" and hour < 6:
        back = 0
    return on_day((hour, minute, second), back, bool(day), written_at, zone)


def clock_of(groups: tuple[str | None, ...], part: str) -> tuple[int, int, int] | None:
    """Hour, minute and second out of CLOCK's groups; afternoon and evening hours count from noon. None beyond a day."""
    hour, minute, second, zh_minute, half = groups
    hours = int(hour or 0)
    minutes = 30 if half else int(minute or zh_minute or 0)
    seconds = int(second or 0)
    if part in AFTERNOON and 1 <= hours < 12 and not (part in NIGHT and hours < 5):
        hours += 12
    if hours == 24 and not minutes:
        hours = 0
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return hours, minutes, seconds


def on_day(
    clock: tuple[int, int, int], back: int | None, is_said: bool, written_at: datetime, zone: ZoneInfo
) -> datetime | None:
    """The instant `back` days ago; of a day that was not said, the last such time that is not in the future."""
    today = written_at.astimezone(zone).date()
    day = today - timedelta(days=back or 0)
    at = instant(day.year, day.month, day.day, clock, zone)
    if at is not None and back is None and not is_said and at > written_at + timedelta(minutes=5):
        before = today - timedelta(days=1)
        at = instant(before.year, before.month, before.day, clock, zone)
    return at


def instant(year: int, month: int, day: int, clock: tuple[int, int, int], zone: tzinfo) -> datetime | None:
    """The instant, None where there is no such day."""
    try:
        whole = date(year, month, day)
    except ValueError:
        return None
    return datetime(whole.year, whole.month, whole.day, *clock, tzinfo=zone)


def zone_of(text: str) -> tzinfo:
    """The zone of Z, +08:00 or -0700."""
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    hours, minutes = min(int(digits[:2]), 23), min(int(digits[2:]), 59)
    return datetime.strptime(f"{'-' if sign < 0 else '+'}{hours:02}{minutes:02}", "%z").tzinfo or UTC
