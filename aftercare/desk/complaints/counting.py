"""Counting complaints: by minute, hour or day; no feed is unknown and not zero."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet

from aftercare.accounts.access import Visitor, apps_for
from aftercare.accounts.models import App
from aftercare.desk.models import Complaint

STEPS_S = (60, 3_600, 86_400)
MOST_STEPS = 1_500
SPANS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}


@dataclass(frozen=True)
class Complaints:
    """Complaints about one app in a span. `is_known` False: the app's customer has never sent any, so nothing is known.

    `by_step` holds every step from `start` on with its count, zero ones too.
    """

    total: int
    is_known: bool
    step_s: int
    by_step: list[tuple[datetime, int]]
    first_at: datetime | None


def complaints_between(app: App, start: datetime, end: datetime) -> Complaints:
    """How many end users complained about `app` from `start` to before `end`, by minute where that is readable.

    `first_at` is the first complaint in the span: what "we knew before the users complained" is measured against.
    """
    step_s = next((s for s in STEPS_S if (end - start).total_seconds() / s <= MOST_STEPS), STEPS_S[-1])
    within = Complaint.objects.filter(app=app, at__gte=start, at__lt=end)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT floor(extract(epoch FROM at) / %s)::bigint AS step, count(*) FROM desk_complaint "
            "WHERE app_id = %s AND at >= %s AND at < %s GROUP BY step",
            [step_s, app.pk, start, end],
        )
        counts: dict[int, int] = dict(cursor.fetchall())
    first = within.order_by("at").values_list("at", flat=True).first()
    place, last = int(start.timestamp() // step_s), int((end - timedelta(microseconds=1)).timestamp() // step_s)
    steps = [(datetime.fromtimestamp(n * step_s, start.tzinfo), counts.get(n, 0)) for n in range(place, last + 1)]
    is_known = bool(counts) or Complaint.objects.filter(app=app).exists()
    return Complaints(sum(counts.values()), is_known, step_s, steps, first)


def complaints_for(user: Visitor) -> QuerySet[Complaint]:
    """The complaints that exist for this person: of their apps."""
    return Complaint.objects.filter(app__in=apps_for(user)).select_related("app__customer")


def counts_by_app(user: Visitor, start: datetime, end: datetime) -> list[tuple[App, int]]:
    """Each app with its complaints in the span, most first; apps that never sent any are left out."""
    known = Complaint.objects.values("app")
    within = Count("complaints", filter=Q(complaints__at__gte=start, complaints__at__lt=end))
    apps = apps_for(user).filter(pk__in=known).annotate(told=within).order_by("-told", "name", "pk")
    return [(app, app.told) for app in apps]
