"""Runs a target in a child process with a hard deadline: a stream that hangs hangs nobody else."""

import asyncio
import contextlib
import os
import signal
import sys

import msgspec

from aftercare.kernel.clock import epoch_s
from aftercare.probe.child import Order, Told
from aftercare.probe.types import PLAYS, PUSHES, Outcome, Seen, Target, Unable

# Connecting, opening and the first frame, beside the time that is watched; a child needs a second to start.
MEDIA_SPARE_S, ASK_S = 32.0, 20.0
WATCH_S, MOST_WATCH_S = 8.0, 60.0
LONGEST_LINE = 1 << 20


def deadline_s(target: Target) -> float:
    """How long a run may take in all."""
    if target.kind in PLAYS | PUSHES:
        return MEDIA_SPARE_S + min(float(target.expect.get("watch_s") or WATCH_S), MOST_WATCH_S)
    return ASK_S


async def run_target(target: Target, *, allow_private: bool, rdap: str, limit_s: float | None = None) -> Outcome:
    """What a run of the target gave. Raises Unable where this agent cannot look at it."""
    limit_s = limit_s or deadline_s(target)
    outcome = Outcome("", "", [], Seen(), round(epoch_s() * 1000), round(limit_s * 1000))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "aftercare.probe.child"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # so that what it started ends with it
        limit=LONGEST_LINE,
    )
    try:
        await asyncio.wait_for(converse(child, Order(target, allow_private, rdap, limit_s), outcome), limit_s)
    except TimeoutError:
        reached = outcome.steps[-1].code if outcome.steps else "start"
        outcome.code = "deadline"
        outcome.reason = f"not done within {limit_s:g} s; the last step done was {reached}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
    return outcome


async def converse(child: asyncio.subprocess.Process, order: Order, outcome: Outcome) -> None:
    """Hand the order over and write into the outcome what the child tells, until its last word. Raises Unable."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child was started without pipes")
    with contextlib.suppress(ConnectionError):
        child.stdin.write(msgspec.json.encode(order))
        await child.stdin.drain()
        child.stdin.close()
    while line := await child.stdout.readline():
        told = msgspec.json.decode(line, type=Told)
        if told.unable:
            raise Unable(told.unable)
        outcome.began_ms = told.began_ms or outcome.began_ms
        if told.step is not None:
            outcome.steps.append(told.step)
        if told.code:
            outcome.code, outcome.reason = told.code, told.reason
            outcome.seen, outcome.took_ms = told.seen or Seen(), told.took_ms
            return
    outcome.code = "crashed"
    outcome.reason = f"the media could not be looked at: the player ended with {await child.wait()}"
    outcome.took_ms = round(epoch_s() * 1000) - outcome.began_ms
