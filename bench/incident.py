"""Group `incident`: one update to 1,000 customers while a page goes through, the page of a large incident, and 1,000
customers' status pages.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.channels import channels
from bench.figures import Figure, quantile, spread
from bench.oncall_provider import provider
from tests.service import ROOT, Service

CUSTOMERS, RUNS, UPDATES = 1_000, 3, 9
WEBHOOKS, MAILS, CHATS = 300, 200, 100  # of the customers, and of each of five vendors
ENTRIES, TOUCHED, TICKETS, REQUESTS = 2_000, 300, 500, 100


def made(service: Service, what: str, *numbers: int, facts: Path | None = None) -> dict[str, Any]:
    """What `bench.incident_people` put in."""
    said = [*map(str, numbers), *([str(facts)] if facts else [])]
    command = [sys.executable, "-m", "bench.incident_people", what, *said]
    told = subprocess.check_output(command, cwd=ROOT, env=service.environment, text=True)
    found: dict[str, Any] = json.loads(told)
    return found


@dataclass(frozen=True)
class Heard:
    """Seconds until the last customer of each channel had heard it, and until the page had come."""

    after: dict[str, float]
    page: float


def one_broadcast() -> Heard:
    """A service, its customers and where they hear of it, all new."""
    with tempfile.TemporaryDirectory(prefix="aftercare-broadcast-") as place, channels(CHATS, MAILS) as there:
        more = {"AFTERCARE_ALLOW_PRIVATE_WEBHOOKS": "1", "AFTERCARE_SMTP_HOST": "127.0.0.1"}
        service = Service(Path(place) / "data", AFTERCARE_SMTP_PORT=str(there.at["port"]), **more)
        service.start()
        try:
            with provider(WEBHOOKS + 1) as told:
                facts = Path(place) / "channels.json"
                facts.write_text(json.dumps(there.at))
                said = made(service, "broadcast", WEBHOOKS, told.port, MAILS, facts=facts)
                by_webhook, found = told.result(), there.result()
        finally:
            service.stop()
    paths = by_webhook["path"]
    found["webhook"] = {"heard": len(paths), "last": max(paths.values()), "too_fast": 0, "faults": []}
    wanted = {**dict.fromkeys(there.at["vendors"], CHATS), "mail": MAILS, "webhook": WEBHOOKS}
    assert {name: one["heard"] for name, one in found.items()} == wanted, f"who heard it: {found}"
    assert not any(one["too_fast"] or one["faults"] for one in found.values()), f"beyond a vendor's limits: {found}"
    assert by_webhook["messages"] == 1, f"pages: {by_webhook['messages']}"
    after = {name: one["last"] - said["told"] for name, one in sorted(found.items())}
    return Heard(after, by_webhook["at"]["fired"] - said["paged"])


def broadcast() -> Figure:
    """The figure: each customer's ticket, new with it, and the words by each one's own channel."""
    runs = [one_broadcast() for _ in range(RUNS)]
    times, pages = [max(one.after.values()) for one in runs], [one.page for one in runs]
    slowest = {name: max(one.after[name] for one in runs) for name in runs[0].after}
    by_channel = ", ".join(f"{name} {took:.0f}" for name, took in slowest.items())
    detail = (
        f"{CUSTOMERS} customers: {WEBHOOKS} by webhook, {MAILS} by mail, {CHATS} in a group of each of five vendors at "
        f"their limits: {spread(times, 1)} s; last of each, most of {RUNS} runs: {by_channel} s; a page meanwhile "
        f"after {spread(pages, 2)} s"
    )
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
