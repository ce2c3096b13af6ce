"""A run in a process of its own: the order as JSON on standard input, steps and the result as JSON lines on output.

Told step by step, because whoever started it kills it at its deadline and still wants to know how far it came.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable

import msgspec
from msgspec import Struct

from aftercare.kernel.clock import epoch_s
from aftercare.probe.guard import Guard
from aftercare.probe.kinds import looker_for
from aftercare.probe.run import Run
from aftercare.probe.types import OK, Failed, Seen, Step, Target, Unable

MOST_MEMORY = 4 << 30


class Order(Struct):
    """What the child is to do."""

    target: Target
    allow_private: bool
    rdap: str
    limit_s: float


class Told(Struct, omit_defaults=True):
    """One line of the child's: when it began (epoch), a step, or its last word."""

    began_ms: int = 0
    step: Step | None = None
    code: str = ""
    reason: str = ""
    seen: Seen | None = None
    took_ms: int = 0
    unable: str = ""


def main() -> None:
    """Carry the order out, and end at once whatever still hangs in a thread."""
    # What libraries print must not come between our lines.
    lines = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def tell(told: Told) -> None:
        lines.write(msgspec.json.encode(told) + b"\n")

    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    # Media may ask for frames of any size.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # Should whoever started it be gone, nobody else would end a run that hangs.
    signal.alarm(round(order.limit_s) + 5)
    tell(result_of(order, tell))
    os._exit(0)


def result_of(order: Order, tell: Callable[[Told], None]) -> Told:
    """The last word on a run. Its clock begins when all libraries are there."""
    try:
        look = looker_for(order.target.kind, rdap=order.rdap)
        tell(Told(began_ms=round(epoch_s() * 1000)))
        run = Run(order.target, Guard(order.allow_private), tell=lambda step: tell(Told(step=step)))
        code, reason = looked(run, look)
    except Unable as unable:
        return Told(unable=str(unable))
    return Told(code=code, reason=reason, seen=run.seen, took_ms=run.ms)


def looked(run: Run, look: Callable[[Run], None]) -> tuple[str, str]:
    """Code and reason of a run that was carried through."""
    try:
        look(run)
    except Failed as failed:
        return failed.code, failed.reason
    return OK, ""


if __name__ == "__main__":
    main()
