"""Saying what people take, who knows which customer, and what a ticket needs."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, Scenario, User
from aftercare.audit import actions as audit
from aftercare.desk.actions.assigning import routing_of
from aftercare.desk.actions.presence import wake_routing
from aftercare.desk.models import AgentProfile, CustomerExpert, ExpertPlace, Routing, Ticket, Tier
from aftercare.kernel.errors import Refused

LANGUAGES = ("zh-hans", "en")
MOST_SKILLS, LONGEST_SKILL, MOST_TICKETS = 30, 40, 100


@transaction.atomic
def save_agent(
    *,
    user: User,
    languages: Sequence[str],
    skills: Sequence[str],
    scenarios: Sequence[str],
    tiers: Sequence[int],
    capacity: int,
    actor: User | None,
    now: datetime,
) -> AgentProfile:
    """What `user` takes by routing. Raises Refused for a customer's person, no tier, or a value that does not exist."""
    if not user.is_provider or not user.is_active:
        raise Refused(_("Choose a colleague who can still sign in."))
    if not tiers or any(tier not in Tier.values for tier in tiers):
        raise Refused(_("Choose at least one tier."))
    if any(name not in LANGUAGES for name in languages) or any(name not in Scenario.values for name in scenarios):
        raise Refused(_("Choose languages and scenarios from the list."))
    if not 1 <= capacity <= MOST_TICKETS:
        raise Refused(_("Between 1 and %(n)s tickets at once.") % {"n": MOST_TICKETS})
    facts = {
        "languages": sorted(set(languages)),
        "skills": checked_skills(skills),
        "scenarios": sorted(set(scenarios)),
        "tiers": sorted(set(tiers)),
        "capacity": capacity,
    }
    profile, _is_new = AgentProfile.objects.update_or_create(user=user, defaults={**facts, "updated_at": now})
    audit.record(actor=actor, action="agent.save", subject=user.ref, customer_id=None, detail=facts, now=now)
    wake_routing()
    return profile


def checked_skills(skills: Sequence[str]) -> list[str]:
    """Skills in small letters, each once. Raises Refused for too many or too long ones."""
    told = sorted({" ".join(skill.replace("\x00", "").lower().split()) for skill in skills} - {""})
    if len(told) > MOST_SKILLS or any(len(skill) > LONGEST_SKILL for skill in told):
        raise Refused(
            _("At most %(n)s skills of %(long)s characters each.") % {"n": MOST_SKILLS, "long": LONGEST_SKILL}
        )
    return told


@transaction.atomic
def remove_agent(*, user: User, actor: User, now: datetime) -> None:
    """Route nothing more to `user`; what they have they keep."""
    if AgentProfile.objects.filter(user=user).delete()[0]:
        audit.record(actor=actor, action="agent.remove", subject=user.ref, customer_id=None, detail={}, now=now)


@transaction.atomic
def set_expert(*, customer: Customer, place: str, user: User | None, actor: User | None, now: datetime) -> None:
    """Name who knows this customer, or their deputy; None names nobody. Raises Refused for somebody of a customer's."""
    if place not in ExpertPlace.values:
        raise Refused(_("Name an expert or a deputy."))
    if user is not None and (not user.is_provider or not user.is_active):
        raise Refused(_("Choose a colleague who can still sign in."))
    if user is None:
        CustomerExpert.objects.filter(customer=customer, place=place).delete()
    else:
        CustomerExpert.objects.update_or_create(customer=customer, place=place, defaults={"user": user})
    detail = {"place": place, "person": user.ref if user else ""}
    audit.record(
        actor=actor, action="expert.set", subject=customer.ref, customer_id=customer.pk, detail=detail, now=now
    )
    wake_routing()


@transaction.atomic
def set_needs(*, ticket: Ticket, language: str, skill: str, actor: User, now: datetime) -> Routing:
    """Say which language and skill the ticket asks for. Raises Refused for another language."""
    if language not in LANGUAGES:
        raise Refused(_("Choose languages and scenarios from the list."))
    routing = routing_of(ticket, now=now)
    routing.language = language
    routing.skill = (checked_skills([skill]) or [""])[0]
    routing.save(update_fields=["language", "skill"])
    detail = {"language": language, "skill": routing.skill}
    audit.record(
        actor=actor, action="ticket.needs", subject=ticket.ref, customer_id=ticket.customer_id, detail=detail, now=now
    )
    wake_routing()
    return routing
