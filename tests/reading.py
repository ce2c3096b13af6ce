"""Reads the telemetry of a stopped server's folder: a query per line in, its rows as JSON out."""

import json
import sys
from pathlib import Path

from aftercare.telemetry.store.client import ClientPool, address_of


def main() -> None:
    """Answer until the input ends."""
    pool = ClientPool(address_of(clickhouse_url=None, data_dir=Path(sys.argv[1])), 1)
    for line in sys.stdin:
        print(json.dumps([list(row) for row in pool.rows(json.loads(line))]), flush=True)
    pool.close()


if __name__ == "__main__":
    main()
