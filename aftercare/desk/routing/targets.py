"""What the desk holds itself to inside: by severity, in seconds."""

from datetime import datetime, timedelta

from aftercare.clocks.queries import clocks_going, half_of
from aftercare.desk.models import Ticket, Tier

# First words to the customer, used where no clock of the plan runs on the ticket.
FIRST_RESPONSE_S = {"P1": 300, "P2": 900, "P3": 3_600, "P4": 14_400}
# From a hand-over to its answer.
HAND_OVER_S = {
    Tier.SECOND: {"P1": 1_800, "P2": 3_600, "P3": 14_400, "P4": 28_800},
    Tier.RD: {"P1": 7_200, "P2": 14_400, "P3": 86_400, "P4": 259_200},
}
HAND_OVER_CLOCKS = {Tier.SECOND: "handover_t2", Tier.RD: "handover_rd"}
RESPONSE_CLOCKS = ("first_response", "next_response")
# However little of the clock is left, whoever gets a ticket has this share of the target to say a word.
LEAST_SHARE = 0.2
LEAST_S = 60


def give_back_at(ticket: Ticket, *, at: datetime) -> datetime:
    """When silence gives the ticket back: at half of the running response clock, and not at once.

    Without such a clock half of FIRST_RESPONSE_S counts, from the customer's words or the giving, whichever is later.
    """
    clock = next((c for c in clocks_going([ticket.ref]) if c.kind in RESPONSE_CLOCKS), None)
    target_s = clock.held_to().target_s if clock else FIRST_RESPONSE_S[ticket.severity]
    half = half_of(clock) if clock else None
    least = at + timedelta(seconds=max(target_s * LEAST_SHARE, LEAST_S))
    return max(half, least) if half else at + timedelta(seconds=target_s / 2)
