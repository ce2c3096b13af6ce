"""The telemetry engine of this process: opened once by whoever composes the process, asked for by every query."""

from aftercare.telemetry.store.client import Address, ClientPool

_pool: ClientPool | None = None


def open_engine(address: Address, *, clients: int = 12) -> ClientPool:
    """Open the engine for this process. Raises RuntimeError when one is open already."""
    global _pool
    if _pool is not None:
        raise RuntimeError("the telemetry engine is already open in this process")
    _pool = ClientPool(address, clients)
    return _pool


def pool() -> ClientPool:
    """The open engine's clients. Raises RuntimeError where none was opened."""
    if _pool is None:
        raise RuntimeError("no telemetry engine is open in this process")
    return _pool


def is_open() -> bool:
    """Whether this process has its engine."""
    return _pool is not None


def close_engine() -> None:
    """Close the engine, if one is open."""
    global _pool
    if _pool is not None:
        _pool.close()
        _pool = None
