"""What was usual at moments of the past, as the past till then would have said: for charts and previews."""

from collections.abc import Callable
from datetime import UTC, datetime

from aftercare.telemetry.store.client import ClientPool
from aftercare.watch.engine.questions import Question
from aftercare.watch.engine.rules import Rule
from aftercare.watch.usual.bands import between
from aftercare.watch.usual.calendar import weekdays_before
from aftercare.watch.usual.curve import SLOT_S, Past, Usual, usual_at
from aftercare.watch.usual.history import SLOTS, read_slots, series_of
from aftercare.watch.usual.places import Places
from aftercare.watch.usual.scales import Floats, Ints, scale_of

# It is worked out every half an hour, and between in proportion.
EVERY = 3

# From and to in slots; values and volumes.
PastOf = Callable[[int, int], tuple[Floats, Floats]]


def past_reader(pool: ClientPool, question: Question, rule: Rule) -> PastOf:
    """Reads the rule's series from the rollups."""
    return lambda first, end: read_slots(pool, question, [rule], first, end, SLOT_S)[series_of(rule)]


def usual_over(rule: Rule, read: PastOf, times: Ints, step: int) -> list[Usual | None]:
    """What was usual in the middle of each step of `step` seconds; `times` are their starts, in order."""
    end = int(times[-1] + step) // SLOT_S + 1
    first = int(times[0]) // SLOT_S - EVERY - SLOTS
    values, volumes = read(first, end)
    scale = scale_of(rule.of_catalog)
    turned = scale.turn(values)
    places = Places()
    places.refresh({rule.customer_id}, datetime.fromtimestamp(int(times[-1]), UTC))

    def usual_in(slot: int) -> Usual | None:
        past = Past(min(slot, end), turned[: slot - first], volumes[: slot - first])
        return usual_at(past, slot, scale, weekdays_before(slot, *places.of(rule.customer_id)))

    knots = {slot: usual_in(slot) for slot in range(first + SLOTS, end + EVERY, EVERY)}
    return [between_knots(knots, (at + step / 2 - SLOT_S / 2) / SLOT_S) for at in times]


def between_knots(knots: dict[int, Usual | None], at: float) -> Usual | None:
    """What is usual at a moment (in slots) from the two worked out around it."""
    first = min(knots)
    before = first + int((at - first) // EVERY) * EVERY
    one, other = knots.get(before), knots.get(before + EVERY)
    if one is None or other is None:
        return one or other
    return between(one, other, (at - before) / EVERY)
