"""What goes along when an incident goes into another, and what keeps their customers apart there."""

from datetime import datetime

from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.clocks import actions as clocks
from aftercare.clocks.queries import clocks_going
from aftercare.incidents.access import SAY_WHAT
from aftercare.incidents.causes.words import entitle
from aftercare.incidents.models import (
    TOLD_TO_CUSTOMERS,
    Flap,
    FollowUpState,
    Impact,
    Incident,
    IncidentCustomer,
    Kind,
    PostMortem,
)
from aftercare.incidents.review.duty import REGULATOR_CLOCK
from aftercare.incidents.telling.promise import UPDATE_CLOCK
from aftercare.incidents.timeline import write_entry

MERGED = gettext_noop("the incident was merged")


def keep_apart(gone: Incident, home: Incident, fresh: set[int]) -> None:
    """Before anything of `gone` is in `home`: what `home` told one customer stays theirs, and it is no longer about
    that customer's place alone. `fresh`: the customers who are new to it.
    """
    same_place = (gone.customer_id, gone.app_id, gone.cause_id) == (home.customer_id, home.app_id, home.cause_id)
    home.is_shared = home.is_shared or gone.is_shared or not same_place or home.customer_id is None
    if fresh:
        bind_lines(home)
        home.customer = home.app = None
    elif gone.app_id != home.app_id or gone.customer_id != home.customer_id:
        home.app = None
    home.save(update_fields=["is_shared", "customer", "app"])


def bind_lines(home: Incident) -> None:
    """The lines that everybody reads were written while it touched whom it touches now. Where that is one, they are
    theirs; of several, those that say what broke are the one's whose incident it was.
    """
    told = home.timeline.filter(customer__isnull=True, kind__in=TOLD_TO_CUSTOMERS)
    touched = list(home.customers.values_list("customer_id", flat=True)[:2])
    if len(touched) == 1:
        told.update(customer=touched[0])
    elif home.customer_id is not None and home.declared_by_id is None:
        told.filter(kind__in=SAY_WHAT).update(customer=home.customer_id)


def carry(gone: Incident, home: Incident, actor: User, now: datetime) -> None:
    """Alerts, customers with their tickets, what is to be done, who answers for what, suspects, and what was promised.
    Of `gone` stays who it touched, what was done, and its story.
    """
    gone.alerts.update(incident=home)
    for touched in gone.customers.select_related("customer").order_by("pk"):
        row, is_new = IncidentCustomer.objects.get_or_create(incident=home, customer=touched.customer)
        if row.ticket_id is None and touched.ticket_id is not None:
            row.ticket_id = touched.ticket_id
            row.save(update_fields=["ticket"])
        if is_new:
            people = [touched.customer.display_name]
            write_entry(home, Kind.CUSTOMER_ADDED, now=now, actor=actor, people=people)
    if home.cause_id is not None and home.alerts.filter(alert__customer__isnull=False).exists():
        entitle(home, [], home.title, home.title_zh)
        home.save(update_fields=["title", "title_zh"])
    gone.tasks.filter(done_at=None).update(incident=home)
    carry_follow_ups(gone, home)
    known = home.suspects.values("change")
    gone.suspects.exclude(change__in=known).update(incident=home)
    carry_roles(gone, home, actor, now)
    carry_judgement(gone, home)
    for kind in (UPDATE_CLOCK, REGULATOR_CLOCK):
        carry_clock(kind, gone, home, now)
    if not PostMortem.objects.filter(incident=home).exists():
        PostMortem.objects.filter(incident=gone).update(incident=home)
    Impact.objects.filter(incident=gone).update(due_at=None)  # what it hit is reckoned with the other's from now on
    if not Flap.objects.filter(incident=home).exists():
        Flap.objects.filter(incident=gone).update(incident=home)


def carry_follow_ups(gone: Incident, home: Incident) -> None:
    """What is still to be done afterwards; the root fix where `home` has none of its own."""
    todo = gone.follow_ups.filter(state=FollowUpState.OPEN)
    if home.follow_ups.filter(is_root_fix=True).exclude(state=FollowUpState.DROPPED).exists():
        todo = todo.filter(is_root_fix=False)
    todo.update(incident=home)


def carry_roles(gone: Incident, home: Incident, actor: User, now: datetime) -> None:
    """Whoever answered for a role goes on with it where nobody does in `home`."""
    taken = set(home.participants.filter(until_at=None).values_list("role", flat=True))
    for one in gone.participants.filter(until_at=None).select_related("user"):
        one.until_at = now
        one.save(update_fields=["until_at"])
        if one.role not in taken:
            home.participants.create(role=one.role, user=one.user, from_at=now)
            write_entry(home, Kind.ROLE, now=now, actor=actor, role=one.role, people=[one.user.name])


def carry_judgement(gone: Incident, home: Incident) -> None:
    """How grave people found it, and whose it was, where nobody has said so of `home`."""
    if not home.gradings.exists():
        gone.gradings.update(incident=home)
    if not home.responsibilities.exists():
        gone.responsibilities.update(incident=home)


def carry_clock(kind: str, gone: Incident, home: Incident, now: datetime) -> None:
    """Of two words that were promised the earlier one holds for all of them."""
    going = {clock.subject_ref: clock for clock in clocks_going([gone.ref, home.ref]).filter(kind=kind)}
    theirs, ours = going.get(gone.ref), going.get(home.ref)
    if theirs is None:
        return
    if ours is not None and (theirs.due_at is None or (ours.due_at is not None and ours.due_at <= theirs.due_at)):
        clocks.cancel(kind=kind, subject_ref=gone.ref, at=now, reason=MERGED)
        return
    if ours is not None:
        clocks.cancel(kind=kind, subject_ref=home.ref, at=now, reason=MERGED)
    clocks.hand_on(clock=theirs, kind=kind, subject_ref=home.ref, at=now, reason=MERGED)
