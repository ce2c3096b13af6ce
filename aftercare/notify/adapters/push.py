"""Push: the row itself is the message; PostgreSQL tells every process that has the person's stream open."""

import json

from django.db import connection

CHANNEL = "aftercare_push"


def announce(user_id: int, delivery_id: int) -> None:
    """Tell the streams, when the present transaction commits, that this person has a new push."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"user": user_id, "delivery": delivery_id})])
