"""Server-sent events: one listener per process fans PostgreSQL's notifications out to the open streams."""

import json
from typing import Any

from django.db import connection

from aftercare.notify.adapters.push import CHANNEL
from aftercare.notify.stream.hub import Hub, Reader

_hub = Hub()


def hub() -> Hub:
    """This process's hub."""
    return _hub


def close_all() -> None:
    """End every open stream; browsers come back by themselves. For the server's signal handler, from any thread."""
    _hub.close_all()


def tell(reader: Reader, event: dict[str, Any]) -> None:
    """Tell the open streams of this reader when the present transaction commits; who has none never hears of it.

    For what is worth nothing later, and small: PostgreSQL carries at most 8,000 bytes.
    """
    told = json.dumps({"user": reader, "event": event}, ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, told])
