"""Figure `page_delivery`: from the start of a page to its arrival at the person's webhook, beside 100 open ones.

A real `aftercare serve`; the pages are started one by one by a process of its own, as a room above starts them when an
alert fires, and the provider notes when each came.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Figure, quantile, spread
from bench.oncall_provider import provider
from tests.service import ROOT, Service

OPEN, FIRED, EVERY_S = 100, 200, 0.25


def measure() -> Figure:
    """The figure."""
    with tempfile.TemporaryDirectory(prefix="aftercare-delivery-") as place:
        service = Service(Path(place) / "data", AFTERCARE_ALLOW_PRIVATE_WEBHOOKS="1")
        service.start()
        try:
            with provider(FIRED) as told:
                command = [sys.executable, "-m", "bench.oncall_people", "fire"]
                asked = [OPEN, FIRED, told.port, EVERY_S]
                made = subprocess.check_output(
                    [*command, *map(str, asked)], cwd=ROOT, env=service.environment, text=True
                )
                came = told.result()
        finally:
            service.stop()
    fired = json.loads(made)
    assert came["messages"] == FIRED, f"not each of {FIRED} pages came once: {came['messages']}"
    took = [came["at"][subject] - at for subject, at in fired.items()]
    detail = f"{spread(took, 2)} s; {FIRED} pages, one each {EVERY_S} s, beside {OPEN} open ones"
    return Figure("page_delivery", quantile(took, 0.99), "s, p99", 3, 1, "lower", detail)
