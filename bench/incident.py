"""Group `incident`: one update to 1,000 customers while a page goes through, the page of a large incident, and 1,000
customers' status pages.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure, quantile, spread
from bench.oncall_provider import provider
from tests.service import ROOT, Service

CUSTOMERS, RUNS, UPDATES = 1_000, 3, 9
ENTRIES, TOUCHED, TICKETS, REQUESTS = 2_000, 300, 500, 100


def made(service: Service, what: str, *numbers: int) -> dict[str, Any]:
    """What `bench.incident_people` put in."""
    command = [sys.executable, "-m", "bench.incident_people", what, *map(str, numbers)]
    told = subprocess.check_output(command, cwd=ROOT, env=service.environment, text=True)
    found: dict[str, Any] = json.loads(told)
    return found


def one_broadcast() -> tuple[float, float]:
    """Seconds until the last customer's program had heard it, and until the page had come."""
    with tempfile.TemporaryDirectory(prefix="aftercare-broadcast-") as place:
        service = Service(Path(place) / "data", AFTERCARE_ALLOW_PRIVATE_WEBHOOKS="1")
        service.start()
        try:
            with provider(CUSTOMERS + 1) as told:
                said = made(service, "broadcast", CUSTOMERS, told.port)
                came = told.result()
        finally:
            service.stop()
    heard = (len(came["path"]), came["messages"])
    assert heard == (CUSTOMERS, 1), f"customers and pages: {heard}"
    return max(came["path"].values()) - said["told"], came["at"]["fired"] - said["paged"]


def broadcast() -> Figure:
    """The figure: each customer's ticket, new with it, told to their own program."""
    runs = [one_broadcast() for _ in range(RUNS)]
    times, pages = [took for took, _page in runs], [took for _took, took in runs]
    detail = f"{CUSTOMERS} customers by webhook: {spread(times, 1)} s; a page meanwhile after {spread(pages, 2)} s"
    return Figure("broadcast", sorted(times)[RUNS // 2], "s", 120, 60, "lower", detail)


def incident_page() -> Figure:
    """The figure: the page over HTTP, asked for one by one."""
    with tempfile.TemporaryDirectory(prefix="aftercare-incident-") as place:
        service = Service(Path(place) / "data")
        service.start()
        try:
            service.seed()
            cookie = service.add_chat()["ada"]
            path = made(service, "page", ENTRIES, TOUCHED, TICKETS)["path"]
            took = [asked(service, path, cookie) for _ in range(REQUESTS + 10)][10:]
        finally:
            service.stop()
    detail = f"{ENTRIES} entries, {TOUCHED} customers, {TICKETS} tickets; {spread(took)} ms"
    return Figure("incident_page", quantile(took, 0.95), "ms, p95", 300, 100, "lower", detail)


def status_page() -> Figure:
    """The figure: an update that touches every customer, until the last file of every page is on the disk. In memory,
    too, for the part that is not the file system's.
    """
    with (
        tempfile.TemporaryDirectory(prefix="aftercare-status-") as place,
        tempfile.TemporaryDirectory(prefix="aftercare-status-", dir="/dev/shm") as memory,
    ):
        took = pages_written(Path(place) / "data", Path(place) / "status")
        quick = pages_written(Path(place) / "other", Path(memory))
    detail = (
        f"{CUSTOMERS} private pages and the public one, 5 files each; {UPDATES} updates: {spread(took, 2)} s on the "
        f"disk of {tempfile.gettempdir()} ({file_system(tempfile.gettempdir())}), {spread(quick, 2)} s in memory"
    )
    return Figure("status_page", sorted(took)[UPDATES // 2], "s", 5, 1, "lower", detail)


def pages_written(data: Path, status: Path) -> list[float]:
    """Seconds for each update."""
    service = Service(data, AFTERCARE_STATUS_DIR=str(status))
    service.start()
    try:
        service.seed()
        took: list[float] = made(service, "status", CUSTOMERS, UPDATES)["took"]
    finally:
        service.stop()
    return took


def file_system(folder: str) -> str:
    """What holds the folder, and whether it keeps a journal: ext4 without one looks long for a new file's place."""
    kind = subprocess.check_output(["stat", "-f", "-c", "%T", folder], text=True).strip()
    tasks = list(Path("/sys/fs/ext4").glob("*/journal_task"))
    return f"{kind}, no journal" if any(task.read_text().strip() == "<none>" for task in tasks) else kind


def asked(service: Service, path: str, cookie: str) -> float:
    """Milliseconds until the whole page was there."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status == 200 and b"An edge drops packets" in text
    return (time.perf_counter() - begun) * 1000
