"""Server-sent events: one listener per process fans PostgreSQL's notifications out to the open streams."""

from aftercare.notify.stream.hub import Hub

_hub = Hub()


def hub() -> Hub:
    """This process's hub."""
    return _hub


def close_all() -> None:
    """End every open stream; browsers come back by themselves. For the server's signal handler, from any thread."""
    _hub.close_all()
