"""What we promise on a ticket, and which of its moments start, pause and stop the clocks of it.

Four clocks, each about the ticket's ref:

- `first_response`: from the opening to the first public words of a person of ours, or the solution.
- `next_response`: from the oldest words of the customer that nobody has answered to our next public words.
- `update`: from the opening or our last public words to the next ones, while we work on it.
- `recovery`: from the opening to the solution. It stands while we wait for the customer.

A new severity restarts a running clock's reckoning from the same start with the new target. A ticket that is opened
again goes on with the recovery clock it had; the time while it was solved is not counted.
"""

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from aftercare.clocks import actions as clocks
from aftercare.clocks.models import Clock, ClockState
from aftercare.clocks.queries import clocks_going, default_hours
from aftercare.clocks.types import ALWAYS, Policy, Step
from aftercare.desk.models import UNSETTLED, Severity, Side, Status, Ticket
from aftercare.desk.types import Plan, Targets

FIRST, NEXT, UPDATE, RECOVERY = "first_response", "next_response", "update", "recovery"
KINDS = (FIRST, NEXT, UPDATE, RECOVERY)
LABELS = {FIRST: _("First reply"), NEXT: _("Next reply"), UPDATE: _("Progress update"), RECOVERY: _("Recovery")}

# Half gone: whoever has it is reminded; three quarters: everybody who answers hears; all of it: their manager too.
STEPS = (Step(50, "half"), Step(75, "near"), Step(100, "overdue"))
MINUTE, HOUR = 60, 3600
BUSINESS_DAY = 8 * HOUR
WAITS = _("waiting for the customer")
WAS_SOLVED = _("solved")


# The usual skeleton of this trade (facts/sla.md 7.3), for every customer whom no plan says anything of.
DEFAULTS: dict[str, Targets] = {
    Severity.P1: Targets(15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, around_the_clock=True),
    Severity.P2: Targets(HOUR, 2 * HOUR, 4 * HOUR, 24 * HOUR, around_the_clock=True),
    Severity.P3: Targets(4 * HOUR, BUSINESS_DAY, None, 5 * BUSINESS_DAY, around_the_clock=False),
    Severity.P4: Targets(BUSINESS_DAY, 2 * BUSINESS_DAY, None, None, around_the_clock=False),
}


_plan: Plan | None = None


def hand_in_targets(plan: Plan | None) -> None:
    """At start-up, the room that knows service plans says what is promised to whom; None: the defaults for everybody.

    It is asked when a clock starts or a ticket is graded anew. Running clocks keep what they were started with.
    """
    global _plan
    _plan = plan


def targets_of(ticket: Ticket, at: datetime) -> Targets:
    """What this ticket's customer was promised for its severity."""
    promised = _plan(ticket.customer_id, ticket.severity, at) if _plan is not None else None
    return promised or DEFAULTS[ticket.severity]


def policy_for(ticket: Ticket, kind: str, at: datetime) -> Policy | None:
    """What this kind of clock is held to on this ticket; None where nothing is promised."""
    targets = targets_of(ticket, at)
    target_s: int | None = getattr(targets, kind)
    if target_s is None:
        return None
    hours = ALWAYS if targets.around_the_clock else default_hours(around=at.date())
    return Policy(target_s, hours, STEPS, label=LABELS[kind])


def start(ticket: Ticket, kind: str, at: datetime) -> None:
    """Start this kind of clock where something is promised and none is going."""
    policy = policy_for(ticket, kind, at)
    if policy is not None:
        clocks.start(kind=kind, subject_ref=ticket.ref, customer_id=ticket.customer_id, policy=policy, at=at)


def opened(ticket: Ticket, side: str, at: datetime) -> None:
    """A ticket was opened; by us, then nobody waits for a first reply."""
    for kind in (UPDATE, RECOVERY) if side == Side.PROVIDER else (FIRST, UPDATE, RECOVERY):
        start(ticket, kind, at)


def customer_spoke(ticket: Ticket, at: datetime, *, was_solved: bool = False) -> None:
    """The customer said something: we are to answer, and work goes on."""
    going = states(ticket)
    if FIRST not in going and NEXT not in going:
        start(ticket, NEXT, at)
    if was_solved:
        reopened(ticket, at)
        going = states(ticket)
    for kind in (UPDATE, RECOVERY):
        if going.get(kind) == ClockState.PAUSED:
            clocks.resume(kind=kind, subject_ref=ticket.ref, at=at)


def answered(ticket: Ticket, at: datetime, *, waits_for_customer: bool) -> None:
    """We said something in public: every reply owed is given, and the next progress is owed from now."""
    going = states(ticket)
    for kind in (FIRST, NEXT):
        if kind in going:
            clocks.stop(kind=kind, subject_ref=ticket.ref, at=at)
    if UPDATE in going:
        told_progress(ticket, at)
    for kind in (UPDATE, RECOVERY):
        if kind not in going:
            continue
        if waits_for_customer:
            clocks.pause(kind=kind, subject_ref=ticket.ref, at=at, reason=WAITS)
        else:
            clocks.resume(kind=kind, subject_ref=ticket.ref, at=at)


def told_progress(ticket: Ticket, at: datetime) -> None:
    """The customer was told how far we are: the clock begins again; one that stood for the customer still stands."""
    stood = states(ticket).get(UPDATE)
    if stood is None:
        return
    clocks.stop(kind=UPDATE, subject_ref=ticket.ref, at=at)
    start(ticket, UPDATE, at)
    if stood == ClockState.PAUSED:
        clocks.pause(kind=UPDATE, subject_ref=ticket.ref, at=at, reason=WAITS)


def states(ticket: Ticket) -> dict[str, str]:
    """The ticket's clocks that are going, by kind, each with how it stands; its row is locked, so they stay so."""
    return dict(clocks_going([ticket.ref]).values_list("kind", "state"))


def solved(ticket: Ticket, at: datetime, *, by_person: bool) -> None:
    """The problem is over. A person's solution is an answer; where the system says so, no reply is owed any more."""
    for kind in (FIRST, NEXT):
        (clocks.stop if by_person else clocks.cancel)(kind=kind, subject_ref=ticket.ref, at=at)
    clocks.cancel(kind=UPDATE, subject_ref=ticket.ref, at=at)
    clocks.stop(kind=RECOVERY, subject_ref=ticket.ref, at=at)


def reopened(ticket: Ticket, at: datetime) -> None:
    """It is not over after all: recovery goes on where it stood, and progress is owed anew."""
    policy = policy_for(ticket, RECOVERY, at)
    if policy is not None:
        gone_on = clocks.go_on(kind=RECOVERY, subject_ref=ticket.ref, policy=policy, at=at, reason=WAS_SOLVED)
        if gone_on is None:
            start(ticket, RECOVERY, at)
    start(ticket, UPDATE, at)


def regraded(ticket: Ticket, at: datetime) -> None:
    """The severity changed: each running clock restarts its reckoning from its own start; what is promised only now
    starts now, and what is promised no more ends."""
    going = {clock.kind for clock in clocks_going([ticket.ref])}
    for kind in KINDS:
        policy = policy_for(ticket, kind, at)
        if kind in going and policy is None:
            clocks.cancel(kind=kind, subject_ref=ticket.ref, at=at)
        elif kind in going and policy is not None:
            clocks.go_on(kind=kind, subject_ref=ticket.ref, policy=policy, at=at)
        elif kind in (UPDATE, RECOVERY) and ticket.status in UNSETTLED:
            start(ticket, kind, at)
            if ticket.status == Status.WAITING_CUSTOMER:
                clocks.pause(kind=kind, subject_ref=ticket.ref, at=at, reason=WAITS)


def label_of(clock: Clock) -> str:
    """What the clock is called in the language that is active; the snapshot keeps the untranslated words."""
    return gettext(LABELS.get(clock.kind, clock.kind))
