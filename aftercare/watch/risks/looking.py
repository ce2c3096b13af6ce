"""Looking: what a rule's source says now of everything that it is about.

A cause that nothing is known of is not in the answer: unknown is neither fine nor a finding.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta

from aftercare.accounts.models import Customer
from aftercare.telemetry.queries import ProbePlace, metric_series, probe_places, split
from aftercare.telemetry.queries.measurements import measured_series
from aftercare.telemetry.schema.measured import measurement_of
from aftercare.watch.models import ProbeKind, ProbeTarget, RiskKind, RiskRule, RiskSource
from aftercare.watch.risks.forecast import forecast
from aftercare.watch.risks.types import Finding
from aftercare.watch.types import AllApps

# A probe looks once a day at the least; what it saw two days ago of a date still stands.
PROBED_WITHIN = timedelta(days=2)
HISTORY_DAYS = 28
DAY = timedelta(days=1)
HOUR_S = 3600
# A version counts as still run when sessions of the last seven days had it: every weekday is in them.
STILL_RUN = timedelta(days=7)
MOST_VERSIONS = 500
PROBED: dict[str, str] = {ProbeKind.CERTIFICATE: RiskKind.CERTIFICATE, ProbeKind.DOMAIN: RiskKind.DOMAIN}


def look(rule: RiskRule, now: datetime) -> list[Finding]:
    """Everything that the rule is about and that something is known of. Raises what the telemetry raises."""
    return LOOKS[RiskSource(rule.source)](rule, now)


def at_probes(rule: RiskRule, now: datetime) -> list[Finding]:
    """Each certificate and domain that probes look at, by the newest date that any place saw."""
    kinds = [kind for kind, found in PROBED.items() if found == rule.kind]
    targets = ProbeTarget.objects.filter(kind__in=kinds).order_by("pk")
    if rule.customer_id is not None:
        targets = targets.filter(customer=rule.customer_id)
    if rule.app_id is not None:
        targets = targets.filter(app=rule.app_id)
    there = {target.ref: target for target in targets if target.deleted_at is None}
    gone = {risk.cause for risk in rule.risks.exclude(cause__in=there).only("cause")}
    found = [gone_of(target, rule, now) for target in targets if target.ref in gone]
    customers = {target.customer_id for target in there.values()}
    newest: dict[str, tuple[datetime, datetime]] = {}
    for place in probe_places(customers, list(there), now - PROBED_WITHIN, now + timedelta(minutes=10)):
        target = there[place.target]
        # A session's name is its sender's choice: what another app tells about this target is not about it.
        if (place.customer_id, place.app_id) != (target.customer_id, target.app_id):
            continue
        told = expiry_told(place)
        if told and (target.ref not in newest or told > newest[target.ref]):
            newest[target.ref] = told
    return found + [probed(there[ref], rule, *told) for ref, told in newest.items()]


def expiry_told(place: ProbePlace) -> tuple[datetime, datetime] | None:
    """When a place last saw a date of expiry, and which; None where it saw none, or what is no date."""
    looks = [(place.last_good_at, place.success), (place.last_failure_at, place.failure)]
    for at, text in sorted(((at, text) for at, text in looks if at), reverse=True):
        try:
            expires = datetime.fromisoformat(str(json.loads(text)["expires"]))
        except (ValueError, TypeError, KeyError):
            continue
        return at, expires if expires.tzinfo else expires.replace(tzinfo=UTC)
    return None


def probed(target: ProbeTarget, rule: RiskRule, seen_at: datetime, expires: datetime) -> Finding:
    """A certificate or domain with the date that was seen."""
    return Finding(
        cause=target.ref,
        subject=f"{target.name} ({target.address})"[:200],
        customer_id=target.customer_id,
        app_id=target.app_id,
        kind=rule.kind,
        seen_at=seen_at,
        runs_out_at=expires,
        measured={"probe": target.ref},
    )


def gone_of(target: ProbeTarget, rule: RiskRule, now: datetime) -> Finding:
    """A target that is looked at no more."""
    return Finding(*(target.ref, target.name, target.customer_id, target.app_id, rule.kind, now, None), is_over=True)


def at_date(rule: RiskRule, now: datetime) -> list[Finding]:
    """The date that somebody set: it counts from that day's first instant, in UTC."""
    return [of_rule(rule, now, runs_out_at=day_of(rule))]


def day_of(rule: RiskRule) -> datetime | None:
    """The first instant, in UTC, of the day that was set."""
    return datetime.combine(rule.expires_on, time(), UTC) if rule.expires_on else None


def of_rule(rule: RiskRule, now: datetime, **more: object) -> Finding:
    """A finding of a rule that is about one thing."""
    return Finding("", rule.name[:200], rule.customer_id, rule.app_id, rule.kind, now, **more)  # type: ignore[arg-type]


def at_sdk(rule: RiskRule, now: datetime) -> list[Finding]:
    """Each customer whose sessions still run the version; one that ran it before and does so no more is fine.

    A customer without any session in that time is not known of.
    """
    customers = Customer.objects.order_by("pk")
    if rule.customer_id is not None:
        customers = customers.filter(pk=rule.customer_id)
    found = list[Finding]()
    for customer in customers:
        place = rule.app if rule.app is not None else AllApps(customer.pk)
        rows = split(place, "sessions", "sdk_version", now - STILL_RUN, now, limit=MOST_VERSIONS, now=now)
        told = {row.value: row.metric_value or 0.0 for row in rows}
        total, still = sum(told.values()), told.get(rule.sdk_version, 0.0)
        if not total:
            continue
        found.append(
            Finding(
                cause=customer.ref,
                subject=rule.name[:200],
                customer_id=customer.pk,
                app_id=rule.app_id,
                kind=rule.kind,
                seen_at=now,
                runs_out_at=day_of(rule) if still else None,
                measured={"version": rule.sdk_version, "sessions": still, "of_sessions": total},
            )
        )
    return found


def at_metric(rule: RiskRule, now: datetime) -> list[Finding]:
    """A metric's or measurement's daily extremes, of 24 hours each up to now."""
    place = rule.app if rule.app is not None else AllApps(rule.customer_id or 0)
    start = now - HISTORY_DAYS * DAY
    measurement = measurement_of(rule.metric)
    if measurement is not None:
        points = measured_series(place, measurement, rule.filters, start, now)
    else:
        points = metric_series(place, rule.metric, start, now, rule.filters, HOUR_S, now=now)
    return forecast_of(rule, [(at, value) for at, value, _volume in points], now)


def at_figures(rule: RiskRule, now: datetime) -> list[Finding]:
    """The figures that people told; a day without one has the one before, as a balance stands until it is told anew."""
    readings = list(rule.readings.filter(at__lte=now).order_by("-at").values_list("at", "value")[:500])
    return forecast_of(rule, readings[::-1], now, carried=True)


def forecast_of(
    rule: RiskRule, points: Sequence[tuple[datetime, float | None]], now: datetime, *, carried: bool = False
) -> list[Finding]:
    """The finding of a figure over time, nothing where too little is known of it."""
    limit = rule.limit or 0.0  # a rule of figures has one: the database holds it to that
    days = daily(points, now, falls=rule.falls)
    if carried:
        days = carry(days, points, now)
    seen = forecast(days, limit, falls=rule.falls)
    if seen is None:
        return []
    measured = {
        **{"level": seen.level, "limit": limit, "unit": rule.unit, "falls": rule.falls, "days": seen.days},
        **{"slope": seen.slope, "slope_low": seen.slope_low, "slope_high": seen.slope_high, "metric": rule.metric},
    }
    reached, earliest, latest = (
        None if ahead is None else now + ahead * DAY for ahead in (seen.reached_in, seen.earliest, seen.latest)
    )
    return [of_rule(rule, now, runs_out_at=reached, earliest_at=earliest, latest_at=latest, measured=measured)]


def daily(points: Sequence[tuple[datetime, float | None]], now: datetime, *, falls: bool) -> list[float | None]:
    """The extreme of each of the last HISTORY_DAYS times 24 hours, the highest or, of what falls, the lowest; oldest
    first, leading days without any left out.
    """
    days: list[float | None] = [None] * HISTORY_DAYS
    worse: Callable[[float, float], float] = min if falls else max
    for at, value in points:
        age = int((now - at) / DAY)
        if value is None or not 0 <= age < HISTORY_DAYS:
            continue
        place = HISTORY_DAYS - 1 - age
        before = days[place]
        days[place] = value if before is None else worse(before, value)
    known = [place for place, value in enumerate(days) if value is not None]
    return days[known[0] :] if known else []


def carry(
    days: list[float | None], points: Sequence[tuple[datetime, float | None]], now: datetime
) -> list[float | None]:
    """The last day with what was told last, as far as it was told within HISTORY_DAYS: a top-up counts at once.

    The days in between stay gaps, so that a figure told weekly makes no steps.
    """
    if not points or not days or now - points[-1][0] >= HISTORY_DAYS * DAY:
        return days
    return [*days[:-1], points[-1][1]]


LOOKS: dict[RiskSource, Callable[[RiskRule, datetime], list[Finding]]] = {
    RiskSource.PROBES: at_probes,
    RiskSource.METRIC: at_metric,
    RiskSource.DATE: at_date,
    RiskSource.FIGURES: at_figures,
    RiskSource.SDK: at_sdk,
}
