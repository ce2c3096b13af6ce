"""Taking in what a source posts: kept in one transaction, then answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.actions.told import Raised, hold_origin, open_of, raise_alerts, recover_alerts
from aftercare.watch.models import AlertSource, Refusal, Severity
from aftercare.watch.outside.keeping import standing
from aftercare.watch.outside.payloads import MOST_TROUBLES, Read, Source, decode, read_payload
from aftercare.watch.outside.redacting import without_secrets
from aftercare.watch.types import Told
from aftercare.web.languages import in_both

MOST_OPEN = 2_000
MOST_REFUSALS = 10
LONGEST_REASON = 500


@dataclass(frozen=True)
class Taken:
    """What became of a payload. `is_full`: some of it found no room, and may come again later."""

    opened: int = 0
    known: int = 0
    closed: int = 0
    ignored: int = 0
    troubles: tuple[str, ...] = ()
    is_full: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it was kept, for a reason."""
        return bool(self.troubles) and not (self.opened or self.known or self.closed or self.ignored)


def take_in(*, source: AlertSource, body: bytes, now: datetime) -> tuple[Taken, Any]:
    """Open, update and close what the body tells, and keep what could not be read for people to look at.

    Returns what became of it, and the payload, None where it is no JSON and no form. Told twice counts once.
    Raises Refused when the source was revoked meanwhile.
    """
    with transaction.atomic():
        hold_origin(source)
        source = standing(source)
        payload, read = read_body(source, body)
        taken = keep(source, read, now)
        if taken.troubles:
            keep_refusal(source, body, taken.is_full, now)
    return taken, payload


def read_body(source: Source, body: bytes) -> tuple[Any, Read]:
    """The payload and what it says; the trouble where it is none."""
    try:
        payload = decode(body)
    except Refused as refused:
        return None, Read(troubles=[refused.sentence])
    return payload, read_payload(source, payload)


def keep(source: AlertSource, read: Read, now: datetime) -> Taken:
    """What was read, as alerts; firing before recovered, so that a group that goes on is not over in between."""
    firing, left_out = fitting(source, list(read.firing.values()))
    closes_at = now + timedelta(seconds=source.silent_after_s) if source.silent_after_s else None
    raised = raise_alerts(origin=source, told=firing, now=now, closes_at=closes_at) if firing else Raised((), (), 0)
    closed = recover_alerts(origin=source, fingerprints=list(read.over), now=now) if read.over else 0
    if not read.is_empty:
        AlertSource.objects.filter(pk=source.pk).update(last_said_at=now)
    troubles = ([no_room(left_out)] if left_out else []) + read.troubles
    known = len(firing) - len(raised.opened) + len(read.over) - closed  # told before, or over before
    return Taken(len(raised.opened), known, closed, read.ignored, tuple(troubles), bool(left_out))


def fitting(source: AlertSource, firing: list[Told]) -> tuple[list[Told], int]:
    """Those that are open already or find room beside what is, the red ones first; and how many find none."""
    is_open = set(open_of(source).values_list("fingerprint", flat=True))
    known = [one for one in firing if one.fingerprint in is_open]
    fresh = [one for one in firing if one.fingerprint not in is_open]
    fresh.sort(key=lambda one: one.severity != Severity.RED)
    room = max(MOST_OPEN - len(is_open), 0)
    return known + fresh[:room], len(fresh[room:])


def no_room(count: int) -> str:
    """The sentence for what found no room."""
    values = {"n": count, "most": MOST_OPEN}
    return _("%(n)d alerts found no room: a source may have %(most)d open.") % values


def keep_refusal(source: AlertSource, body: bytes, is_full: bool, now: datetime) -> None:
    """Keep the payload with the reason in both languages; the oldest beyond MOST_REFUSALS go."""
    reason, reason_zh = in_both(lambda: reason_of(source, body, is_full))
    Refusal.objects.create(source=source, at=now, reason=reason, reason_zh=reason_zh, payload=without_secrets(body))
    kept = list(source.refusals.order_by("-at", "-pk").values_list("pk", flat=True)[:MOST_REFUSALS])
    source.refusals.exclude(pk__in=kept).delete()


def reason_of(source: AlertSource, body: bytes, is_full: bool) -> str:
    """Why, in the language that is active."""
    troubles = read_body(source, body)[1].troubles
    if is_full:
        full = _("The source has %(most)d open alerts, the most it may have.") % {"most": MOST_OPEN}
        troubles = [full, *troubles]
    return " ".join(troubles[:MOST_TROUBLES])[:LONGEST_REASON]


@dataclass(frozen=True)
class Trial:
    """What a payload would become; `troubles` say what could not be read. Nothing is kept."""

    firing: tuple[Told, ...]
    over: tuple[str, ...]
    ignored: int
    troubles: tuple[str, ...]


def try_out(source: Source, body: bytes) -> Trial:
    """What would become of a payload that this source, kept or only thought of, were told."""
    _payload, read = read_body(source, body)
    return Trial(tuple(read.firing.values()), tuple(read.over.values()), read.ignored, tuple(read.troubles))
