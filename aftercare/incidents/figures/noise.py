"""What was held back in a period, each alert once: in the period in which it opened and called nobody."""

from django.urls import reverse

from aftercare.incidents.figures.types import Row, Wanted
from aftercare.incidents.models import HeldBack
from aftercare.incidents.noise.queries import list_held
from aftercare.incidents.noise.words import outcome_words, why_words
from aftercare.incidents.words import alert_sentence


def held_back_between(wanted: Wanted) -> list[Row]:
    """The alerts that were held back in the period, as narrowed, the newest first; `value` is for how long in seconds,
    None where one waits still or joined its incident at once.
    """
    rows = list_held(waiting=False).filter(held_at__gte=wanted.start, held_at__lt=wanted.end)
    if wanted.severity:
        rows = rows.filter(alert__severity=wanted.severity)
    if wanted.customer is not None:
        rows = rows.filter(alert__customer=wanted.customer)
    return [row_of_held(row) for row in rows]


def row_of_held(row: HeldBack) -> Row:
    """One of them, with why and what became of it."""
    lasted = (row.released_at - row.held_at).total_seconds() if row.released_at else None
    return Row(
        title=alert_sentence(row.alert),
        path=reverse("watch:alert", args=[row.alert.ref]),
        about=row.alert.customer.display_name if row.alert.customer else "",
        since=row.held_at,
        until=row.released_at,
        value=lasted or None,
        word=f"{why_words(row)} · {outcome_words(row)}",
    )
