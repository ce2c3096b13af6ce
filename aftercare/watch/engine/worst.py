"""The worst value of an open alert: remembered at every evaluation, written when it moved enough to matter."""

from collections.abc import Sequence

from django.db import connection

from aftercare.watch.engine.rules import Memory, Reading, is_worse

# A fault's value climbs for a whole window as bad data fills it: twelve writes for one alert would say little more.
STEP = 0.05

WRITE = """
UPDATE watch_alert AS a SET worst_value = v.worst
FROM unnest(%s::bigint[], %s::double precision[]) AS v(monitor, worst)
WHERE a.monitor_id = v.monitor AND a.closed_at IS NULL AND (
    a.worst_value IS NULL
    OR CASE a.comparison WHEN 'above' THEN v.worst > a.worst_value ELSE v.worst < a.worst_value END
)
"""


def remember(memory: Memory, reading: Reading) -> bool:
    """Keep a worse value; whether it lies further beyond the written one than STEP of that."""
    value = reading.value
    if value is None or not is_worse(memory.rule, value, memory.worst):
        return False
    memory.worst = value
    written = memory.written_worst
    return written is None or abs(value - written) >= STEP * abs(written)


def write(memories: Sequence[Memory]) -> None:
    """Write the remembered worst values of these rules' open alerts in one statement."""
    if not memories:
        return
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [[m.rule.monitor_id for m in memories], [m.worst for m in memories]])
    for memory in memories:
        memory.written_worst = memory.worst
