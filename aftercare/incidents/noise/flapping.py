"""Alerts that go on and off: after a few times they stay with one incident, which ends once it has been quiet.

What opens again while its incident waits for quiet joins it and calls nobody; each is counted, as what was held back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from aftercare.incidents.models import Flap, HeldBack, HeldFor, Incident, Kind, Outcome, Status
from aftercare.incidents.timeline import write_entry
from aftercare.watch.models import ORIGINS, Alert

# So often within so long goes on and off: two calls may be chance, a third says so, a fourth would say nothing new.
TIMES, WITHIN = 3, timedelta(minutes=30)
QUIET = timedelta(minutes=15)


def alike(alerts: Sequence[Alert]) -> Q:
    """The alerts of the same monitors and heartbeats, or of the same fingerprints of the same sources."""
    found = Q(pk__in=[])
    for name in ORIGINS:
        those = [alert for alert in alerts if getattr(alert, f"{name}_id") is not None]
        if those:
            same = Q(**{f"{name}__in": {getattr(alert, f"{name}_id") for alert in those}})
            found |= same & Q(fingerprint__in={alert.fingerprint for alert in those}) if name == "source" else same
    return found


def openings(alerts: Sequence[Alert], since: datetime) -> dict[tuple[object, ...], tuple[int, datetime]]:
    """How often each of what these alerts say opened since then, and when first, by `key_of`."""
    columns = [f"{name}_id" for name in ORIGINS]
    rows = Alert.objects.filter(alike(alerts), opened_at__gt=since).order_by().values_list(*columns, "fingerprint")
    return {tuple(row[:-2]): (row[-2], row[-1]) for row in rows.annotate(n=Count("pk"), first=Min("opened_at"))}


def key_of(alert: Alert) -> tuple[object, ...]:
    """What makes two alerts the same trouble at two times."""
    return *(getattr(alert, f"{name}_id") for name in ORIGINS), alert.fingerprint


def unquiet() -> QuerySet[Flap]:
    """The incidents that wait for quiet, or would if nothing were open."""
    return Flap.objects.filter(over_at=None).exclude(incident__status=Status.RESOLVED)


def incident_ref(alerts: Sequence[Alert]) -> str | None:
    """The incident with which one of these alerts goes on and off."""
    refs = unquiet().filter(alert__in=Alert.objects.filter(alike(alerts)))
    return refs.order_by("-incident__opened_at").values_list("incident__ref", flat=True).first()


def split(incident: Incident, alerts: Sequence[Alert], now: datetime) -> tuple[list[Alert], list[Alert]]:
    """The alerts with which the incident goes on and off already, counted as held back, and the others."""
    flap = unquiet().filter(incident=incident).select_related("alert").first()
    if flap is None:
        return [], list(alerts)
    again = [alert for alert in alerts if key_of(alert) == key_of(flap.alert)]
    HeldBack.objects.bulk_create(
        [
            HeldBack(alert=one, reason=HeldFor.FLAPPING, held_at=now, released_at=now, outcome=Outcome.JOINED)
            for one in again
        ],
        ignore_conflicts=True,  # one that a silence held before is counted as that
    )
    return again, [alert for alert in alerts if alert not in again]


def note(incident: Incident, alerts: Sequence[Alert], now: datetime) -> None:
    """Notice what goes on and off, and count it; something is open now, so the incident waits for no quiet."""
    flap = unquiet().filter(incident=incident).select_related("alert").first()
    if flap is not None:
        said = openings([flap.alert], flap.since_at - timedelta(microseconds=1)).get(key_of(flap.alert))
        flap.times, flap.last_at, flap.quiet_at = said[0] if said else flap.times, now, None
        flap.save()
        tell(flap)
        return
    counted = openings(alerts, now - WITHIN)
    worst = max(alerts, key=lambda alert: counted.get(key_of(alert), (0, now))[0])
    times, since = counted.get(key_of(worst), (0, now))
    if times < TIMES:
        return
    facts = {"alert": worst, "times": times, "since_at": since, "last_at": now, "quiet_at": None, "over_at": None}
    flap, _is_new = Flap.objects.update_or_create(incident=incident, defaults=facts)
    write_entry(incident, Kind.FLAPPING, now=now, times=times, minutes=minutes(flap))


def tell(flap: Flap) -> None:
    """The timeline's line of it says how often by now."""
    entry = flap.incident.timeline.filter(kind=Kind.FLAPPING).order_by("-pk").first()
    if entry is not None:
        entry.data |= {"times": flap.times, "minutes": minutes(flap)}
        entry.save(update_fields=["data"])


def minutes(flap: Flap) -> int:
    """In how many minutes it opened so often, at least one."""
    return max(round((flap.last_at - flap.since_at) / timedelta(minutes=1)), 1)


def is_unquiet(incident: Incident) -> bool:
    """Whether it goes on and off."""
    return unquiet().filter(incident=incident).exists()


def waits(incident: Incident, reason: str, now: datetime) -> bool:
    """Nothing of the incident is open, the last closed for `reason`: whether its end waits for quiet."""
    flap = unquiet().filter(incident=incident)
    return bool(flap.update(quiet_at=now + QUIET, close_reason=reason))
