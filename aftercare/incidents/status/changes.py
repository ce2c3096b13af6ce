"""What makes a page due: every step of an incident that pages show, in the step's own transaction."""

from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet

from aftercare.incidents.models import Incident, Kind, StatusChange, StatusPage

CHANNEL = "aftercare_status"
SHOWN = frozenset(
    {
        *(Kind.OPENED, Kind.DECLARED, Kind.ALERT_JOINED, Kind.SEVERITY_RAISED, Kind.MITIGATED, Kind.RESOLVED),
        *(Kind.REOPENED, Kind.TOLD, Kind.CUSTOMER_ADDED, Kind.CUSTOMER_REMOVED, Kind.PUBLISHED, Kind.WITHDRAWN),
        *(Kind.REWORDED, Kind.SEVERITY_SET, Kind.MERGED, Kind.MERGED_AWAY),
    }
)
# After these the incident no longer says whose pages, or that the public one, showed it.
FOR_ALL = frozenset({Kind.CUSTOMER_REMOVED, Kind.WITHDRAWN})


def note_change(incident: Incident, kind: str) -> None:
    """Pages that show the incident are written anew once the present transaction commits."""
    if kind in SHOWN:
        StatusChange.objects.create(incident=incident, is_for_all=kind in FOR_ALL)
        wake_engine()


def mark(pages: "QuerySet[StatusPage]", now: datetime) -> int:
    """Have these pages written; returns how many. Locked in the order of ids, as whoever writes them does."""
    found = list(pages.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return StatusPage.objects.filter(pk__in=found).update(due_at=now, wanted=F("wanted") + 1)


def wake_engine() -> None:
    """Tell the engine, when the present transaction commits, that a page has something new."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
