"""Reading silences and what was held back; the provider's own business."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from aftercare.incidents.models import HeldBack, HeldFor, Incident, Outcome, Silence
from aftercare.incidents.noise.matching import Match, narrowed
from aftercare.watch.models import ORIGINS, Alert, Severity

PREVIEW_OF = timedelta(days=7)
MOST_PREVIEWED, PREVIEW_SHOWN = 5_000, 10
# What has been open for a day does not go on and off any more.
FLAPS_FOR = timedelta(days=1)
MOST_CHILDREN = 20


@dataclass(frozen=True)
class Preview:
    """What a silence would have held of the last seven days: how many, and the newest of them.

    `red` are those that fit but are red, and would have called somebody all the same. `is_cut`: of the alerts only the
    newest MOST_PREVIEWED were looked at.
    """

    held: int
    red: int
    shown: list[Alert]
    is_cut: bool

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.held - len(self.shown)


def preview(match: Match, *, holds_red: bool, now: datetime) -> Preview:
    """What it would have held back."""
    recent = narrowed(Alert.objects.filter(opened_at__gt=now - PREVIEW_OF, opened_at__lte=now), match)
    looked_at = list(recent.select_related("app", "customer", *ORIGINS).order_by("-opened_at")[: MOST_PREVIEWED + 1])
    fits = [alert for alert in looked_at[:MOST_PREVIEWED] if match.fits(alert)]
    held = [alert for alert in fits if holds_red or alert.severity != Severity.RED]
    return Preview(len(held), len(fits) - len(held), held[:PREVIEW_SHOWN], len(looked_at) > MOST_PREVIEWED)


def list_silences(which: str, now: datetime) -> QuerySet[Silence]:
    """`which` "past": those that are over, the newest first; else those that run or come, by their end.

    Each with `held_n`, how many alerts it held.
    """
    is_over = Q(told_at__isnull=False) | Q(ends_at__lte=now)
    silences = Silence.objects.select_related("made_by", "ended_by").annotate(held_n=Count("held"))
    if which == "past":
        return silences.filter(is_over).order_by("-ends_at", "-pk")
    return silences.exclude(is_over).order_by("ends_at", "pk")


def list_held(*, waiting: bool, reason: str = "") -> QuerySet[HeldBack]:
    """What was held back, the newest first: only what waits now, or everything there ever was."""
    rows = HeldBack.objects.select_related(
        "silence__made_by", "rule", "parent", "change", "alert__app", "alert__customer", "alert__monitor"
    )
    if waiting:
        rows = rows.filter(outcome="")
    if reason:
        rows = rows.filter(reason=reason)
    return rows.order_by("-held_at", "-pk")


def why_held(alert: Alert) -> HeldBack | None:
    """Why nobody was called for it, None where nothing held it back."""
    return list_held(waiting=False).filter(alert=alert).first()


def until_of(row: HeldBack) -> datetime | None:
    """When it is let go at the latest; None where no time says so, or it waits no more."""
    if row.outcome:
        return None
    if row.silence is not None:
        return row.silence.ends_at
    return row.change.ends_at if row.change is not None else None


def count_held(now: datetime) -> dict[str, int]:
    """How many alerts are held back now, by HeldFor's values in its order; those that are none are missing.

    One that goes on and off counts while it is open.
    """
    waiting = HeldBack.objects.filter(outcome="").order_by().values_list("reason").annotate(n=Count("pk"))
    counted = Counter(dict(waiting))
    flapping = HeldBack.objects.filter(reason=HeldFor.FLAPPING, held_at__gt=now - FLAPS_FOR)
    counted[HeldFor.FLAPPING] += flapping.filter(outcome=Outcome.JOINED, alert__closed_at=None).count()
    return {reason: counted[reason] for reason in HeldFor.values if counted[reason]}


def children_of(incident: Incident) -> tuple[list[HeldBack], int]:
    """The alerts that wait because one of this incident's stands for them, and how many are not listed."""
    rows = list_held(waiting=True).filter(parent__in=incident.alerts.values("alert")).order_by("held_at", "pk")
    shown = list(rows[:MOST_CHILDREN])
    return shown, rows.count() - len(shown) if len(shown) == MOST_CHILDREN else 0


def alert_to_silence(incident: Incident) -> Alert | None:
    """The alert that "alerts like this" means on an incident's page: the worst, open ones before others."""
    link = incident.alerts.select_related("alert__app", "alert__customer", *(f"alert__{name}" for name in ORIGINS))
    order = (F("alert__closed_at").desc(nulls_first=True), "alert__severity", "joined_at", "pk")
    found = link.order_by(*order).first()
    return found.alert if found else None
