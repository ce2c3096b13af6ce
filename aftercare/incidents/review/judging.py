"""A person's word: how grave it was, and whose it was. Nothing is overwritten: the last word holds, all are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.actions.recording import record
from aftercare.incidents.events import ResponsibilityChanged
from aftercare.incidents.models import Grading, Impact, Incident, Kind, Level, Party, Responsibility
from aftercare.incidents.review import duty
from aftercare.incidents.review.impact import minutes_of
from aftercare.incidents.review.rules import rules_in_force
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.web.languages import in_both

LONGEST_REASON, MOST_EVIDENCE, LONGEST_EVIDENCE = 2000, 20, 500
SHARERS = (Party.OURS, Party.CUSTOMER, Party.THIRD)


@dataclass(frozen=True)
class Ruling:
    """Whose an incident was for one customer: percent by party, adding up to 100; empty while not determined."""

    party: str
    shares: dict[str, int]
    reason: str
    evidence: list[str]
    at: datetime


@transaction.atomic
def grade(
    *, incident: Incident, level: int, users: int | None, reason: str, seen: int, actor: User, now: datetime
) -> None:
    """Confirm the grade that was proposed, or give another with a reason. `users` is a person's own count, if any.

    `seen` is the number of gradings there were when the form was shown. Raises Refused for a level that there is not,
    for another than the proposed one without a reason, and where somebody graded it meanwhile.
    """
    if level not in Level.values:
        raise Refused(_("There is no such level."))
    row = locked(incident)
    if row.gradings.count() != seen:
        raise Refused(_("Somebody graded it meanwhile. Look at it, then say yours again."))
    impact, reason = Impact.objects.filter(incident=row).first(), plain(reason)[:LONGEST_REASON]
    rules, minutes = rules_in_force(), minutes_of(row, now)
    measured = impact.users if impact else None
    proposed = rules.level_of(users if users is not None else measured, minutes)
    if not reason and (level != proposed or users is not None):
        raise Refused(_("Say why: the table proposes another level, or nobody measured it."))
    Grading.objects.create(
        incident=row,
        level=level,
        proposed=proposed,
        users=users if users is not None else measured,
        minutes=minutes,
        rules_version=rules.version,
        reason=reason,
        at=now,
        by=actor,
    )
    said, said_zh = in_both(lambda: str(Level(level).label))
    write_entry(row, Kind.GRADED, now=now, actor=actor, sentence=said, sentence_zh=said_zh, text=reason)
    record("incident.grade", row, actor, {"level": level, "proposed": proposed}, now)
    duty.settle(row, now)


@transaction.atomic
def hold_responsible(
    *,
    incident: Incident,
    customer: Customer | None,
    party: str,
    shares: dict[str, int],
    reason: str,
    evidence: Sequence[str],
    seen: int,
    actor: User,
    now: datetime,
) -> None:
    """Say whose it was, for one customer or (None) for all that have no word of their own. Publishes the change.

    Raises Refused without a reason, without evidence (unless it is not determined), for shares that are not 100
    together, and where somebody said something meanwhile (`seen`: how many words there were).
    """
    if party not in Party.values:
        raise Refused(_("Choose whose it was."))
    row = locked(incident)
    if customer is not None and not row.customers.filter(customer=customer).exists():
        raise Refused(_("The incident does not touch this customer."))
    if row.responsibilities.count() != seen:
        raise Refused(_("Somebody said whose it was meanwhile. Look at it, then say yours again."))
    reason, lines = plain(reason)[:LONGEST_REASON], checked_evidence(evidence)
    if not reason:
        raise Refused(_("Say why it is theirs or ours."))
    if not lines and party != Party.UNDETERMINED:
        raise Refused(_("Name the evidence: an alert, a ticket, an address, what was found."))
    Responsibility.objects.create(
        incident=row,
        customer=customer,
        party=party,
        shares=checked_shares(party, shares),
        reason=reason,
        evidence=lines,
        at=now,
        by=actor,
    )
    whom = f" ({customer})" if customer else ""
    said, said_zh = in_both(lambda: str(Party(party).label) + whom)
    write_entry(row, Kind.RESPONSIBILITY, now=now, actor=actor, sentence=said, sentence_zh=said_zh, text=reason)
    record("incident.responsibility", row, actor, {"party": party, "customer": customer.ref if customer else ""}, now)
    publish(ResponsibilityChanged(row.pk, row.ref, customer.pk if customer else None, now))


def checked_shares(party: str, shares: dict[str, int]) -> dict[str, int]:
    """Percent by party, those without any left out. Raises Refused."""
    if party == Party.UNDETERMINED:
        return {}
    if party != Party.SHARED:
        return {party: 100}
    kept = {one.value: shares.get(one.value, 0) for one in SHARERS if shares.get(one.value, 0)}
    if len(kept) < 2 or sum(kept.values()) != 100 or min(kept.values()) < 0:
        raise Refused(_("Shares are of two or three parties and make 100 percent together."))
    return kept


def checked_evidence(lines: Sequence[str]) -> list[str]:
    """Lines of evidence. Raises Refused for too many."""
    kept = [plain(line)[:LONGEST_EVIDENCE] for line in lines if plain(line)]
    if len(kept) > MOST_EVIDENCE:
        raise Refused(_("Name at most %(limit)s pieces of evidence.") % {"limit": MOST_EVIDENCE})
    return kept


def plain(text: str) -> str:
    """Text as it is kept."""
    return text.replace("\x00", "").replace("\r\n", "\n").strip()


def grade_of(incident: Incident) -> Grading | None:
    """The grade that holds; None while nobody has confirmed one."""
    return incident.gradings.select_related("by").first()


def responsibility_of(incident_id: int, customer_id: int) -> Ruling | None:
    """Whose an incident was for this customer: its own word, else the one for all; None while nobody said anything.

    For whoever decides exclusion or credit; listen to ResponsibilityChanged for changes.
    """
    words = Responsibility.objects.filter(incident=incident_id)
    row = words.filter(customer=customer_id).first() or words.filter(customer=None).first()
    return Ruling(row.party, row.shares, row.reason, row.evidence, row.at) if row else None


def words_of(incident: Incident) -> list[dict[str, Any]]:
    """What holds: for all, then for customers that have a word of their own."""
    held: dict[int | None, Responsibility] = {}
    for row in incident.responsibilities.select_related("customer", "by"):
        held.setdefault(row.customer_id, row)
    rows = sorted(held.values(), key=lambda row: (row.customer_id is not None, str(row.customer or "")))
    return [{"row": row, "shares": [(Party(name).label, n) for name, n in row.shares.items()]} for row in rows]
