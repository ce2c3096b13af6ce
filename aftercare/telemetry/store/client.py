"""Clients of the telemetry engine: one address form for chDB in this process and for a ClickHouse server."""

import contextlib
import logging
import queue
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from clickhouse_connect.driver import create_client
from clickhouse_connect.driver.client import Client

log = logging.getLogger(__name__)

# On a cluster an insert is acknowledged when its shard has it; a customer's rows lie on one shard, so that a subquery
# may look at the shard's own rows; and a repair's DELETE picks its rows by a subquery.
CLUSTER_SETTINGS = {
    "distributed_foreground_insert": 1,
    "distributed_product_mode": "local",
    "allow_nondeterministic_mutations": 1,
}


CLOSE_S = 2.0


@dataclass(frozen=True)
class Address:
    """Where the telemetry engine is: a chDB folder, or a server's URL (with `cluster` when it has several nodes)."""

    url: str
    cluster: str = ""

    @property
    def is_embedded(self) -> bool:
        """Whether the engine lives in this process."""
        return self.url.startswith("chdb:")

    @property
    def shown(self) -> str:
        """Where it is, without a password."""
        return self.url.rpartition("@")[2].removeprefix("chdb://")

    def stored(self, table: str) -> str:
        """The table for a DELETE: on a cluster the local ones of all nodes, for a distributed one knows no DELETE."""
        return f"{table}_local ON CLUSTER '{self.cluster}'" if self.cluster else table


def address_of(*, clickhouse_url: str | None, data_dir: Path) -> Address:
    """The engine's address: the given server, else chDB under the data folder."""
    if clickhouse_url:
        parts = urlsplit(clickhouse_url)
        cluster = dict(parse_qsl(parts.query)).get("cluster", "")
        return Address(parts._replace(query="").geturl(), cluster)
    return Address(f"chdb://{data_dir / 'telemetry' / 'engine'}")


def connect(address: Address) -> Client:
    """A new client. For chDB the first one in a process opens the folder, the others share it."""
    if address.is_embedded:
        folder = Path(address.url.removeprefix("chdb://"))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        remove_empty_mutations(folder)
        return create_client(dsn=f"chdb:///{address.url.removeprefix('chdb://')}")
    return create_client(dsn=address.url, settings=CLUSTER_SETTINGS if address.cluster else None)


def remove_empty_mutations(folder: Path) -> None:
    """Remove what a DELETE on a full disk left: a file without a word in it, for which the table would not open."""
    for path in folder.glob("store/*/*/mutation_*.txt"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size == 0:
                log.warning("removing the empty %s", path)
                path.unlink()


class ClientPool:
    """A few clients, since one client is one lock: a slow page query must not hold up a commit."""

    def __init__(self, address: Address, size: int = 4) -> None:
        self.address = address
        self._free: queue.LifoQueue[Client] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(connect(address))
        self._size = size

    @contextlib.contextmanager
    def client(self, timeout_s: float = 30) -> Iterator[Client]:
        """Borrow a client. Raises queue.Empty when none comes free in time."""
        client = self._free.get(timeout=timeout_s)
        try:
            yield client
        finally:
            self._free.put(client)

    def rows(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Sequence[Sequence[Any]]:
        """The result rows of a query with bound parameters (`{name:Type}` in the text)."""
        with self.client() as client:
            result = client.query(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))
            return result.result_rows

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Run a statement that gives no rows."""
        with self.client() as client:
            return client.command(sql, parameters=dict(parameters or {}))

    def close(self) -> None:
        """Close every client; for chDB the last one closes the folder. One that is stuck in a query is left to it."""
        with contextlib.suppress(queue.Empty):
            for _ in range(self._size):
                self._free.get(timeout=CLOSE_S).close()
