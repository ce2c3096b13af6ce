"""Push: the row itself is the message; PostgreSQL tells every process that has the person's stream open."""

import json
from collections.abc import Sequence

from django.db import connection

CHANNEL = "aftercare_push"


def announce(user_id: int, delivery_id: int) -> None:
    """Tell the streams, when the present transaction commits, that this person has a new push."""
    announce_all([(user_id, delivery_id)])


def announce_all(pushes: Sequence[tuple[int, int]]) -> None:
    """The same of many at once: persons and deliveries by their keys."""
    told = [json.dumps({"user": user_id, "delivery": delivery_id}) for user_id, delivery_id in pushes]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, said) FROM unnest(%s::text[]) AS said", [CHANNEL, told])
