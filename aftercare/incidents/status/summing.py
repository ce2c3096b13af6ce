"""From days to what a page draws of a component: a letter for each of 90 days, their sum, the latest bad ones."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aftercare.incidents.models import ComponentDay, ComponentNow, StatusComponent, StatusPage

DAYS = 90
BAD_DAYS_KEPT = 10
EVERY = timedelta(hours=1)
# From this share of good slots on a day was disturbed, below it bad; good is a day without one that was not.
DISTURBED = 0.95

Day = tuple[date, int, int]


def sum_up(component: StatusComponent, now: datetime) -> int:
    """Sum up everybody whose sum is an hour old, whose day has turned, or whose today looks otherwise; how many."""
    pages = StatusPage.objects.select_related("customer")
    zones = {page.customer_id: page.customer.timezone if page.customer else page.timezone for page in pages}
    standings = list(ComponentNow.objects.filter(component=component))
    today = {one.pk: now.astimezone(ZoneInfo(zones.get(one.customer_id, "UTC"))).date() for one in standings}
    latest: dict[tuple[int | None, date], str] = {
        (customer, day): letter_of(good, judged)
        for customer, day, good, judged in ComponentDay.objects.filter(
            component=component, day__gte=now.date() - timedelta(days=1)
        ).values_list("customer_id", "day", "good", "judged")
    }
    stale = [one for one in standings if is_stale(one, today[one.pk], latest, now)]
    if not stale:
        return 0
    days = days_of(component, stale, now)
    for one in stale:
        fill(one, days.get(one.customer_id, []), today[one.pk], now)
    ComponentNow.objects.bulk_update(
        stale, ["last_day", "bars", "good", "judged", "bad_days", "summed_at"], batch_size=500
    )
    return len(stale)


def is_stale(one: ComponentNow, today: date, latest: dict[tuple[int | None, date], str], now: datetime) -> bool:
    """Whether what pages draw of it would be drawn otherwise now."""
    if one.summed_at is None or one.last_day != today or now - one.summed_at >= EVERY:
        return True
    return one.bars[-1:] != latest.get((one.customer_id, today), "u")


def days_of(component: StatusComponent, standings: list[ComponentNow], now: datetime) -> dict[int | None, list[Day]]:
    """The days of these, by customer, the oldest first."""
    days = ComponentDay.objects.filter(component=component, day__gt=now.date() - timedelta(days=DAYS + 1))
    wanted = {one.customer_id for one in standings}
    if len(wanted) < 50:
        theirs = days.filter(customer__in=wanted - {None})
        days = theirs | days.filter(customer=None) if None in wanted else theirs
    found: dict[int | None, list[Day]] = defaultdict(list)
    for customer, day, good, judged in days.order_by("day").values_list("customer_id", "day", "good", "judged"):
        found[customer].append((day, good, judged))
    return found


def fill(one: ComponentNow, days: list[Day], today: date, now: datetime) -> None:
    """Put the sums of its days into the row."""
    first = today - timedelta(days=DAYS - 1)
    inside = [told for told in days if first <= told[0] <= today]
    letters = ["u"] * DAYS
    for day, good, judged in inside:
        letters[(day - first).days] = letter_of(good, judged)
    bad = [[f"{day}", f"{10_000 * good // judged / 100:.2f}"] for day, good, judged in inside if good < judged]
    one.last_day, one.bars, one.summed_at = today, "".join(letters), now
    one.good, one.judged = sum(told[1] for told in inside), sum(told[2] for told in inside)
    one.bad_days = bad[::-1][:BAD_DAYS_KEPT]


def letter_of(good: int, judged: int) -> str:
    """How a day is drawn: o good, d disturbed, x bad, u without anything that could be judged."""
    if not judged:
        return "u"
    if good == judged:
        return "o"
    return "d" if good >= DISTURBED * judged else "x"
