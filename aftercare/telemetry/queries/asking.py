"""One way to ask the telemetry engine: bound parameters, a name on every query, its milliseconds in the log."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aftercare.telemetry.store import engine

log = logging.getLogger(__name__)
SLOW_MS = 250.0

Rows = Sequence[Sequence[Any]]


def ask(name: str, sql: str, parameters: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Rows:
    """The rows of a query; `name` goes with it as a comment and into the log with its milliseconds.

    `settings` are the engine's own, such as limits. Raises what the engine raises.
    """
    started = time.perf_counter()
    rows = engine.pool().rows(f"/* {name} */ {sql}", parameters, {**(settings or {}), "log_comment": name})
    took_ms = (time.perf_counter() - started) * 1000
    level = logging.INFO if took_ms >= SLOW_MS else logging.DEBUG
    log.log(level, "query %s: %d rows in %.1f ms", name, len(rows), took_ms)
    return rows
