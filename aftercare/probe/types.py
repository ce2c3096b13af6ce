"""What a probe is told to look at, and what it saw. Times are milliseconds."""

from typing import Any, Literal

from msgspec import Struct, field

OK = "ok"

# What a kind of target is: played, pushed to, or asked.
PLAYS = frozenset({"hls", "flv", "rtmp", "whep"})
PUSHES = frozenset({"rtmp_push", "srt_push", "whip"})
ASKS = frozenset({"http_api", "dns", "certificate", "domain"})
Event = Literal["first_frame", "push_ok", "response", ""]


class Target(Struct, frozen=True):
    """One thing to look at: `address` as the kind wants it, looked at every `every_s` seconds."""

    ref: str
    kind: str
    address: str
    every_s: int = 60
    expect: dict[str, Any] = {}


class Step(Struct, frozen=True):
    """A step of a run: when it began, counted from the run's beginning, how long it took, and whether it failed."""

    code: str
    at_ms: int
    took_ms: int
    failed: bool = False


class Seen(Struct):
    """What a run measured. `fields` are fields of a native sample, `detail` further words for the waterfall.

    `event` is what the run was for (a first frame, a taken push, an answer) and `elapsed_ms` when it came; `status`
    is that event's code.
    """

    event: Event = ""
    elapsed_ms: int = 0
    status: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)


class Outcome(Struct):
    """A run that is over: `code` is "ok" or what went wrong, `reason` the sentence to it; it began at an epoch time."""

    code: str
    reason: str
    steps: list[Step]
    seen: Seen
    began_ms: int
    took_ms: int


class Failed(Exception):
    """What the target did wrong: a short code, one of a few, and a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason[:300]


class Unable(Exception):
    """This agent cannot look at the target at all; nothing is reported, since nothing is known."""
