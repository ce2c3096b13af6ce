"""From the notices of one thing to its sessions. Pure and free of their order: the same notices give the same sessions.

An open begins a session and a close ends it. What is missing is not made up: a close without an open is a session of
unknown length, an open without a close lasts for as long as it was heard of and a while (see `until`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aftercare.ingest.presence.notices import FOREVER, SILENT_BEAT_MS, Notice

ORDER = {"open": 0, "alive": 1, "mark": 2, "close": 3}
# Where a notice tells its session's begin, it does so in whole seconds.
SLACK_MS = 5_000


@dataclass
class Span:
    """One session of a thing. Times in epoch ms; `begin` 0 where nothing tells it, `end` 0 while it is open."""

    first: Notice
    begin: int = 0
    end: int = 0
    heard: int = 0
    has_beat: bool = False
    bytes: int = 0
    notices: list[Notice] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The session's name: things that come again are told apart by when the session began."""
        thing = self.first.thing
        return thing if self.first.grace_ms == FOREVER else f"{thing}/{base36(self.first.at)}"

    @property
    def silent_ms(self) -> int:
        """How long it may be silent before nobody is taken to be there any more."""
        return SILENT_BEAT_MS if self.has_beat else self.first.silent_ms

    def until(self, now_ms: int) -> int:
        """Up to when somebody is taken to have been there, as seen at `now_ms`.

        With heartbeats the last one; without, a bound, since silence alone says nothing.
        """
        if self.end:
            return max(self.end, self.begin)
        if now_ms <= self.heard + self.silent_ms:
            return max(now_ms, self.begin)
        return max(self.heard if self.has_beat else self.heard + self.silent_ms, self.begin)


def sessions_of(notices: Iterable[Notice]) -> list[Span]:
    """The sessions that the notices of one thing tell of, oldest first."""
    spans: list[Span] = []
    for notice in sorted(notices, key=lambda notice: (notice.at, ORDER[notice.kind], notice)):
        last = spans[-1] if spans else None
        if notice.kind == "open":
            if last is None or begins_another(last, notice):
                succeed(last, notice.at)
                spans.append(Span(notice))
        elif last is None or is_over(last, notice):
            if last is not None and is_late(last, notice):
                take_late(last, notice)
                continue
            if notice.is_weak:
                continue
            spans.append(Span(notice))
        take(spans[-1], notice)
    return spans


def begins_another(last: Span, opened: Notice) -> bool:
    """Whether an open begins a session after `last`, and is not the open of `last` told late or twice."""
    known_from = last.begin or last.end
    return opened.at - known_from > opened.grace_ms


def is_over(last: Span, notice: Notice) -> bool:
    """Whether `last` had ended before this notice, which is of a session whose open was lost."""
    return notice.grace_ms < FOREVER and (bool(last.end) or tells_another(last, notice))


def tells_another(last: Span, notice: Notice) -> bool:
    """Whether the begin that a notice tells lies after all that is known of `last`."""
    return notice.begin > max(last.heard, last.end) + SLACK_MS


def is_late(last: Span, notice: Notice) -> bool:
    """Whether this is something of `last` told again or out of turn, shortly after its end."""
    return bool(last.end) and notice.at - last.end <= notice.grace_ms and not tells_another(last, notice)


def take_late(span: Span, notice: Notice) -> None:
    """Of what comes shortly after a session's end only the bytes are news."""
    if notice.bytes > span.bytes:
        span.bytes = notice.bytes
        span.notices.append(notice)


def succeed(last: Span | None, at: int) -> None:
    """A thing that begins again was over before: its lost close leaves what was heard, or the bound."""
    if last is not None and not last.end:
        last.end = last.until(at)


def take(span: Span, notice: Notice) -> None:
    """Add what a notice says to the session it belongs to."""
    if notice.kind == "open":
        span.begin = min(span.begin or notice.at, notice.at)
    elif not span.begin:
        span.begin = notice.begin  # in whole seconds, as others tell it: only where the open itself was lost
    if notice.kind == "close":
        if not (notice.is_weak and span.end):
            span.end = min(span.end or notice.at, notice.at)
    else:
        span.heard = max(span.heard, notice.at)
    span.has_beat = span.has_beat or notice.kind == "alive"
    span.bytes = max(span.bytes, notice.bytes)
    span.notices.append(notice)


def base36(number: int) -> str:
    """A number in digits and small letters."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
