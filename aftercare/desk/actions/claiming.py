"""Taking the next ticket of the queue."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from aftercare.accounts.models import User
from aftercare.desk.actions.handling import claim_locked
from aftercare.desk.models import AgentProfile, Ticket, Tier
from aftercare.desk.routing.people import OWED


@transaction.atomic
def claim_next(*, user: User, now: datetime) -> Ticket | None:
    """Claim the longest waiting ticket that fits `user` (of tier 1 without a profile), P1 first; None when none waits.

    A row that somebody else is claiming at this instant is passed over, so that nobody waits and nobody loses.
    """
    queue = Ticket.objects.filter(OWED, assignee__isnull=True, routing__waiting_since__isnull=False)
    profile = AgentProfile.objects.filter(user=user).first()
    ordered = queue.filter(fits(profile, user)).order_by("routing__urgency", "routing__waiting_since", "routing__pk")
    found = ordered.select_for_update(skip_locked=True, no_key=True, of=("self",))
    ticket = found.first()
    return claim_locked(ticket, user, now, is_routed=profile is not None) if ticket else None


def fits(profile: AgentProfile | None, user: User) -> Q:
    """What this person takes, as a condition on tickets."""
    if profile is None:
        return Q(routing__tier=Tier.FIRST)
    fit = Q(routing__tier__in=profile.tiers) & (Q(routing__skill="") | Q(routing__skill__in=profile.skills))
    if profile.languages:
        fit &= Q(routing__language__in=profile.languages)
    if profile.scenarios:
        fit &= Q(app__isnull=True) | Q(app__scenario__in=profile.scenarios)
    return fit & ~Q(routing__passed_over__contains=user.pk)
