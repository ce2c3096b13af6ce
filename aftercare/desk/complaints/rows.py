"""One complaint as somebody sends it, checked: pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused

OLDEST = timedelta(days=400)
AHEAD = timedelta(minutes=10)  # clocks of senders
LIMITS = {"id": 128, "user": 256, "kind": 40, "stream": 128, "words": 2_000}
EPOCH_MS_FROM = 10**11  # numbers above are milliseconds


@dataclass(frozen=True)
class Told:
    """A good row: `user` is the plain identifier, hashed before anything is kept."""

    external_id: str
    user: str
    at: datetime
    words: str
    kind: str
    stream: str


def read_row(row: Mapping[str, Any], *, zone: tzinfo, now: datetime, makes_id: bool = False) -> Told:
    """The row `{"id", "time", "user", "words", "kind", "stream"}`, all but id and time may be missing.

    A time without a zone is in `zone`. With `makes_id` a row without an id gets one out of what it says, so that the
    same row sent again is known. Raises Refused with what is wrong.
    """
    texts = {name: text_of(row, name) for name in LIMITS}
    at = time_of(row.get("time"), zone, now)
    if not texts["id"]:
        if not makes_id:
            raise Refused(_("“id” is missing: your own number of the complaint."))
        said = "\x1f".join([texts["user"], at.isoformat(), texts["words"], texts["kind"], texts["stream"]])
        texts["id"] = "sha256:" + hashlib.sha256(said.encode()).hexdigest()[:32]
    if not texts["user"] and not texts["words"]:
        raise Refused(_("Neither “user” nor “words” is there."))
    return Told(texts["id"], texts["user"], at, texts["words"], texts["kind"], texts["stream"])


def text_of(row: Mapping[str, Any], name: str) -> str:
    """One text; a whole number counts as one. Words that are too long are cut, the others refused."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(_("“%(name)s” must be a text.") % {"name": name})
    text = str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()
    if name == "words":
        return text[: LIMITS[name]]
    if len(text) > LIMITS[name]:
        raise Refused(_("“%(name)s” is longer than %(limit)s characters.") % {"name": name, "limit": LIMITS[name]})
    return text


def time_of(value: object, zone: tzinfo, now: datetime) -> datetime:
    """ISO 8601, or seconds or milliseconds since the epoch. Raises Refused where it is none, too old, or to come."""
    at = parsed(value, zone)
    if at is None:
        raise Refused(_("“time” is not a time: write 2026-11-30T20:05:00+08:00, or seconds since 1970."))
    if at > now + AHEAD:
        raise Refused(_("“time” lies in the future."))
    if at < now - OLDEST:
        raise Refused(_("“time” is more than %(days)s days ago.") % {"days": OLDEST.days})
    return at


def parsed(value: object, zone: tzinfo) -> datetime | None:
    """The instant in UTC, None where it is none."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    try:
        if text.isdecimal() and len(text) <= 16:
            number = int(text)
            return datetime.fromtimestamp(number / 1000 if number >= EPOCH_MS_FROM else number, UTC)
        at = datetime.fromisoformat(text.replace("/", "-"))
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
