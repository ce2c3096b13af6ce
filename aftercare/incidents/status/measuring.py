"""Counting the days of components: each slot of five minutes once, judged by the metric's own red line and volume.

A slot is taken a few minutes after its end, once, together with how far the counting came: a crash repeats and forgets
none. What arrives later than that is not in the bars.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from aftercare.accounts.models import Customer
from aftercare.incidents.models import ComponentDay, ComponentNow, ComponentState, StatusComponent, StatusPage
from aftercare.incidents.status.changes import mark
from aftercare.incidents.status.summing import sum_up
from aftercare.telemetry.queries import SLOT_S, Totals, add_totals, slots_of_customers, verdict_of
from aftercare.telemetry.schema.catalog import Metric, metric_named

SETTLES = timedelta(minutes=3)  # players report at least every 30 s, servers every minute
SLOT = timedelta(seconds=SLOT_S)
CHUNK = timedelta(days=1)
# The verdict of now is that of the last three slots together; without a report in them it is unknown.
PRESENT = timedelta(minutes=15)
TELLING_OF_STATE = {
    ComponentState.OPERATIONAL: True,
    ComponentState.DEGRADED: False,
    ComponentState.OUTAGE: False,
}

Counts = dict[tuple[int | None, date], list[int]]  # by customer (None: public) and day: good slots, judged slots
Verdicts = dict[int | None, str]


def measure_due(now: datetime) -> int:
    """Count one stretch of one component that is due; returns 1 where there was one. Safe in several processes."""
    with transaction.atomic():
        due = StatusComponent.objects.filter(measure_at__lte=now).order_by("measure_at")
        component = due.select_for_update(skip_locked=True, no_key=True).first()
        if component is None:
            return 0
        measure(component, now)
    return 1


def measure(component: StatusComponent, now: datetime) -> None:
    """Count from where it stopped: a day at most, so that 90 days of a new component hold nobody up."""
    last = floored(now - SETTLES)
    start, end = component.measured_until, min(component.measured_until + CHUNK, last)
    if start < end:
        counts, verdicts = measured(component, start, end, now) if component.metric else said(component, end)
        add_days(component, counts)
        component.measured_until = end
        if end == last:
            settle_verdicts(component, verdicts, now)
            sum_up(component, now)
    component.measure_at = now if component.measured_until < last else last + SLOT + SETTLES
    component.save(update_fields=["measured_until", "measure_at"])


def floored(at: datetime) -> datetime:
    """The start of the slot that holds this instant."""
    return datetime.fromtimestamp(int(at.timestamp()) // SLOT_S * SLOT_S, UTC)


def measured(component: StatusComponent, start: datetime, end: datetime, now: datetime) -> tuple[Counts, Verdicts]:
    """What the telemetry says: slots by customer and day, and everybody's verdict of the last quarter of an hour."""
    metric = metric_named(component.metric)
    zones = zones_of(component)
    counts: Counts = defaultdict(lambda: [0, 0])
    whole: dict[tuple[int, int], list[Totals]] = defaultdict(list)
    latest: dict[int | None, list[Totals]] = defaultdict(list)
    recent = (end - PRESENT).timestamp()
    for slot in slots_of_customers(
        metric,
        start - (PRESENT if end - start < CHUNK else timedelta()),
        end,
        filters=component.filters,
        customer_id=component.customer_id,
        app_id=component.app_id,
        now=now,
    ):
        if slot.customer_id not in zones:
            continue
        is_new = slot.at >= start.timestamp()
        if is_new:
            count(counts, slot.customer_id, zones[slot.customer_id], slot.at, slot.length_s, metric, slot.totals)
        if is_new and None in zones:
            whole[slot.at, slot.length_s].append(slot.totals)
        if slot.at >= recent:
            latest[slot.customer_id].append(slot.totals)
    for (at, length_s), parts in whole.items():
        count(counts, None, zones[None], at, length_s, metric, add_totals(parts))
    if None in zones and latest:
        latest[None] = [part for parts in list(latest.values()) for part in parts]
    return counts, {customer: judged(metric, add_totals(parts), PRESENT) for customer, parts in latest.items()}


def judged(metric: Metric, totals: Totals, span: timedelta) -> str:
    """The catalog's verdict of merged measures."""
    return verdict_of(metric, metric.value(totals, span_s=span.total_seconds()), metric.volume(totals))


def count(
    counts: Counts, customer: int | None, zone: ZoneInfo, at: int, length_s: int, metric: Metric, totals: Totals
) -> None:
    """One slot into its day, where its volume allows a verdict; an hour counts as twelve."""
    verdict = judged(metric, totals, timedelta(seconds=length_s))
    if verdict not in ("healthy", "warning", "breached"):
        return
    slots = length_s // SLOT_S
    row = counts[customer, datetime.fromtimestamp(at, zone).date()]
    row[0] += slots if verdict != "breached" else 0
    row[1] += slots


def said(component: StatusComponent, end: datetime) -> tuple[Counts, Verdicts]:
    """What people say of it: the last quarter of an hour at most, for what it was before nobody wrote down."""
    good = TELLING_OF_STATE.get(ComponentState(component.said))
    start = max(component.measured_until, end - PRESENT)
    slots = int((end - start).total_seconds()) // SLOT_S
    if good is None or not slots:
        return {}, {}
    public = StatusPage.objects.filter(customer=None).first()
    day = (end - SLOT).astimezone(ZoneInfo(public.timezone if public else settings.TIME_ZONE)).date()
    return {(None, day): [slots if good else 0, slots]}, {}


def zones_of(component: StatusComponent) -> dict[int | None, ZoneInfo]:
    """Whose days are counted, each in the zone of their page: of everybody with a page, and the public's."""
    pages = StatusPage.objects.filter(is_open=True).select_related("customer")
    found: dict[int | None, ZoneInfo] = {}
    for page in pages:
        if page.customer is not None:
            found[page.customer.pk] = ZoneInfo(page.customer.timezone)
        elif component.customer_id is None:
            found[None] = ZoneInfo(page.timezone)
    if not settings.IS_DEMO and component.customer_id is None:
        for pk in Customer.objects.filter(is_simulated=True).values_list("pk", flat=True):
            found.pop(pk, None)
    return found


def add_days(component: StatusComponent, counts: Counts) -> None:
    """Add these slots to their days."""
    if not counts:
        return
    rows = [(customer, day, good, slots) for (customer, day), (good, slots) in counts.items()]
    table = ComponentDay._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS had (component_id, customer_id, day, good, judged) "
            "SELECT %s, * FROM unnest(%s::bigint[], %s::date[], %s::smallint[], %s::smallint[]) "
            "ON CONFLICT (component_id, customer_id, day) "
            "DO UPDATE SET good = had.good + EXCLUDED.good, judged = had.judged + EXCLUDED.judged",
            [component.pk, *(list(column) for column in zip(*rows, strict=True))],
        )


def settle_verdicts(component: StatusComponent, verdicts: Verdicts, now: datetime) -> None:
    """Keep everybody's verdict; who reported nothing is unknown. Pages on which that shows a change are due."""
    standings = {one.customer_id: one for one in ComponentNow.objects.filter(component=component)}
    asked = set(zones_of(component)) if component.metric else {None}
    new = [ComponentNow(component=component, customer_id=pk) for pk in asked - standings.keys()]
    ComponentNow.objects.bulk_create(new)
    changed = [*new]
    for one in (*standings.values(), *new):
        verdict = verdicts.get(one.customer_id, "unknown")
        if one.verdict != verdict:
            one.verdict = verdict
            changed.append(one)
    ComponentNow.objects.bulk_update(changed, ["verdict"])
    mark_pages_of({one.customer_id for one in changed}, now)


def mark_pages_of(customers: Iterable[int | None], now: datetime) -> None:
    """These customers' pages are due, and with None the public one."""
    theirs = set(customers)
    found = StatusPage.objects.filter(customer__in=theirs - {None})
    mark(found | StatusPage.objects.filter(customer=None) if None in theirs else found, now)
