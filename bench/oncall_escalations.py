"""Figure `escalations_6000`: 6,000 escalations become due at the same second; seconds until a loopback provider has the
first notification of each.

A real `aftercare serve` with its embedded PostgreSQL. The pages are there, open, their first step in the future; each
of 60 people on 60 schedules has a webhook at the provider. The run counts only if each page came exactly once.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Figure, spread
from bench.oncall_provider import provider
from bench.tree import cpu_s
from tests.service import ROOT, Service

PAGES, PEOPLE, RUNS = 6_000, 60, 3
LEAD_S = 6


def one_run() -> tuple[float, float]:
    """Seconds from the common instant to the last first notification, and the server's CPU seconds."""
    with tempfile.TemporaryDirectory(prefix="aftercare-escalations-") as place:
        service = Service(Path(place) / "data", AFTERCARE_ALLOW_PRIVATE_WEBHOOKS="1")
        service.start()
        try:
            with provider(PAGES) as told:
                asked = [PAGES, PEOPLE, told.port, LEAD_S]
                command = [sys.executable, "-m", "bench.oncall_people", "escalate", *map(str, asked)]
                made = subprocess.check_output(command, cwd=ROOT, env=service.environment, text=True)
                before = cpu_s(service.pid)
                came = told.result()
                used = cpu_s(service.pid) - before
        finally:
            service.stop()
    assert len(came["at"]) == came["messages"] == PAGES, f"{len(came['at'])} pages came in {came['messages']} messages"
    return max(came["at"].values()) - float(json.loads(made)["due"]), used


def measure() -> Figure:
    """The figure."""
    runs = [one_run() for _ in range(RUNS)]
    times, cpu = [took for took, _cpu in runs], [used for _took, used in runs]
    detail = f"{PAGES} pages, {PEOPLE} people: {spread(times, 1)}; CPU {spread(cpu, 1)} s"
    return Figure("escalations_6000", sorted(times)[RUNS // 2], "s", 20, 10, "lower", detail)
