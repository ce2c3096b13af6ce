"""`aftercare probe`: as an agent of a server, or once for a person at a terminal."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from rich.console import Console
from rich.table import Table

from aftercare.kernel.config import default_data_dir
from aftercare.kernel.errors import Refused
from aftercare.probe.agent import Agent, Settings
from aftercare.probe.kinds import LOOKS
from aftercare.probe.runner import run_target
from aftercare.probe.samples import Place
from aftercare.probe.types import OK, Outcome, Target, Unable

EXTRA = ("av", "aiortc", "dns")
ENDINGS = {".m3u8": "hls", ".flv": "flv"}
SCHEMES = {"rtmp": "rtmp", "srt": "srt_push"}


def run(arguments: argparse.Namespace) -> int:
    """Run the command; returns the exit code. Raises Refused, and ModuleNotFoundError without the extra."""
    require_extra()
    if bool(arguments.address) == bool(arguments.server):
        raise Refused("give an address to look at once, or --server and --key to work for a server")
    if arguments.address:
        return look_once(arguments)
    return work(arguments)


def require_extra() -> None:
    """Raises ModuleNotFoundError where a package is missing that only a run itself would import."""
    for name in EXTRA:
        if find_spec(name) is None:
            raise ModuleNotFoundError(name=name)


def look_once(arguments: argparse.Namespace) -> int:
    """One run of one address, printed; exit code 1 where it did not work."""
    kind = arguments.kind or kind_of(arguments.address)
    if kind not in LOOKS:
        raise Refused(f"--kind is {kind!r}: it must be one of {', '.join(sorted(LOOKS))}")
    target = Target("once", kind, arguments.address, expect={"watch_s": arguments.watch})
    try:
        outcome = asyncio.run(run_target(target, allow_private=arguments.allow_private, rdap=arguments.rdap))
    except Unable as unable:
        raise Refused(str(unable)) from None
    if arguments.json:
        print(json.dumps(msgspec.to_builtins(outcome), ensure_ascii=False))
    else:
        show(target, outcome)
    return 0 if outcome.code == OK else 1


def kind_of(address: str) -> str:
    """What an address looks like: by its ending, its scheme, else an HTTP API; a bare name is asked of DNS."""
    parts = urlsplit(address)
    if not parts.scheme or "://" not in address:
        return "dns"
    by_ending = next((kind for ending, kind in ENDINGS.items() if parts.path.endswith(ending)), "")
    return SCHEMES.get(parts.scheme) or by_ending or "http_api"


def show(target: Target, outcome: Outcome) -> None:
    """The waterfall and what was seen, as tables."""
    console = Console(highlight=False)
    steps = Table("step", "from ms", "took ms", title=f"{target.kind} {target.address}", title_justify="left")
    for step in outcome.steps:
        steps.add_row(step.code + (" failed" if step.failed else ""), str(step.at_ms), str(step.took_ms))
    console.print(steps)
    told = {**outcome.seen.fields, **outcome.seen.detail}
    if told:
        seen = Table("seen", "value")
        for name, value in told.items():
            seen.add_row(name, str(value))
        console.print(seen)
    console.print(f"[green]ok[/green] in {outcome.took_ms} ms" if outcome.code == OK else "")
    if outcome.code != OK:
        console.print(f"[red]{outcome.code}[/red]: {outcome.reason}")


def work(arguments: argparse.Namespace) -> int:
    """Be a server's agent until a signal; with `--once` one round."""
    if not arguments.key:
        raise Refused("--key is missing: an ingest key of the app whose targets are to be looked at")
    if arguments.media_at_once < 1:
        raise Refused("--media-at-once must be 1 or more")
    country, _, province = arguments.region.partition("-")
    agent = Agent(
        Settings(
            server=arguments.server,
            keys=list(dict.fromkeys(map(key_of, arguments.key))),
            place=Place(country, province, arguments.carrier, arguments.network),
            queue=arguments.queue or default_data_dir(os.environ).with_name("aftercare-probe"),
            allow_private=arguments.allow_private,
            rdap=arguments.rdap,
            media_at_once=arguments.media_at_once,
        ),
        say=lambda words: print(words, file=sys.stderr, flush=True),
    )
    if arguments.once:
        return 0 if asyncio.run(agent.run_once()) else 1
    return asyncio.run(until_signal(agent, arguments.server))


def key_of(told: str) -> str:
    """The key itself, or with `@` before it the file that holds it: arguments are seen by everybody on a machine."""
    if not told.startswith("@"):
        return told
    try:
        return Path(told[1:]).read_text().strip()
    except OSError as error:
        raise Refused(f"--key names the file {told[1:]}, which cannot be read: {error.strerror}") from None


async def until_signal(agent: Agent, server: str) -> int:
    """Run the agent until SIGTERM or SIGINT."""
    work = asyncio.ensure_future(agent.run())
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    print(f"looking at the targets of {server}", file=sys.stderr, flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await work
    return 0
