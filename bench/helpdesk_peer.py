"""django-helpdesk on the same machine with the same shape of data: its ticket list and its ticket page.

It lives in a virtual environment and a database of its own beside the bench's data, is served by gunicorn with as many
workers as there are cores, and is asked one request after the other, as ours is. Its list is a page and, by a second
request, the rows (DataTables): both are what an agent waits for, so both count.
"""

import http.client
import json
import os
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import quantile
from bench.pages import default_folder
from bench.samples_sql import SEED
from tests.service import free_port

TICKETS = 100_000
VERSION = "2.6.1"
REQUESTS = 40
ROWS = "draw=1&start=0&length=50&order[0][column]=0&order[0][dir]=desc"
HERE = Path(__file__).parent / "helpdesk"


@dataclass
class Measured:
    """Milliseconds of each kind of request, and how many tickets there were."""

    tickets: int = 0
    took: dict[str, list[float]] = field(default_factory=dict)
    why_not: str = ""

    def told(self, kind: str) -> str:
        """In words, for the detail of our own figure."""
        values = self.took.get(kind)
        if not values:
            return f"django-helpdesk could not be measured: {self.why_not}"
        return (
            f"django-helpdesk {VERSION} with {self.tickets:,} tickets, {kind}: "
            f"p50/p95 {quantile(values, 0.5):,.0f}/{quantile(values, 0.95):,.0f} ms of {len(values)}"
        )


def measure(tickets: int) -> Measured:
    """Build what is missing, serve it, ask it."""
    folder = default_folder().parent / f"helpdesk-{tickets}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        python = environment(folder.parent / "helpdesk-venv")
    except subprocess.CalledProcessError as error:
        return Measured(why_not=f"it could not be installed ({error})")
    from aftercare.kernel.config import kept_secret
    from aftercare.serve.postgres import EmbeddedPostgres

    password = kept_secret(folder / "postgresql.password")
    postgres = EmbeddedPostgres(folder=folder / "postgresql", password=password, log=folder / "postgresql.log")
    postgres.start()
    try:
        postgres.ensure_database("helpdesk")
        told = {"PGHOST": str(folder / "postgresql"), "PGUSER": "aftercare", "PGPASSWORD": password}
        return asked(python, tickets, os.environ | told)
    finally:
        postgres.stop()


def environment(place: Path) -> Path:
    """The interpreter of an environment that holds the peer."""
    python = place / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "-q", "-p", sys.executable, place], check=True)
        wanted = [f"django-helpdesk=={VERSION}", "psycopg[binary]", "gunicorn", "setuptools<81"]
        subprocess.run([str(uv), "pip", "install", "-q", "--python", str(python), *wanted], check=True)
    return python


def asked(python: Path, tickets: int, told: dict[str, str]) -> Measured:
    """Fill it, serve it, and ask REQUESTS times for each kind."""
    done = subprocess.run(
        [str(python), "fill.py", str(tickets)], cwd=HERE, env=told, stdout=subprocess.PIPE, check=True, text=True
    )
    facts = json.loads(done.stdout.splitlines()[-1])
    port = free_port()
    command = [str(python), "-m", "gunicorn", "-w", str(os.cpu_count()), "-b", f"127.0.0.1:{port}", "--timeout", "300"]
    log = (default_folder().parent / "helpdesk.log").open("wb")
    server = subprocess.Popen([*command, "site_for_bench:application"], cwd=HERE, env=told, stderr=log)
    try:
        return Measured(facts["tickets"], requests(port, facts))
    finally:
        server.terminate()
        server.wait(30)


def requests(port: int, facts: dict[str, object]) -> dict[str, list[float]]:
    """Milliseconds of the list and of a ticket's page."""
    draw = random.Random(SEED)
    took: dict[str, list[float]] = {"inbox": [], "ticket": []}
    headers = {"Cookie": f"sessionid={facts['session']}"}
    rows = ""
    for n in range(REQUESTS + 3):
        begun = time.perf_counter()
        page = get(port, "/tickets/", headers, patiently=n == 0)
        found = re.search(r"datatables_ticket_list/([^\"'?]+)", page)
        rows = found[1] if found else rows
        get(
            port,
            f"/datatables_ticket_list/{rows}?draw=1&start=0&length=50&order[0][column]=0&order[0][dir]=desc",
            headers,
        )
        listed = time.perf_counter()
        get(port, f"/tickets/{draw.randrange(1, int(str(facts['tickets'])))}/", headers)
        if n >= 3:
            took["inbox"].append((listed - begun) * 1000)
            took["ticket"].append((time.perf_counter() - listed) * 1000)
    return took


def get(port: int, path: str, headers: dict[str, str], *, patiently: bool = False) -> str:
    """A page; `patiently` while the server starts."""
    for _ in range(100 if patiently else 1):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read().decode()
            assert answer.status == 200, f"{answer.status} {path}: {body[:300]}"
        except ConnectionRefusedError:
            time.sleep(0.2)
        else:
            return body
        finally:
            connection.close()
    raise AssertionError("the peer did not start")
