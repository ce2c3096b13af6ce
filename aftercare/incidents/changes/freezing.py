"""Freezes: times in which nothing is changed, and who may break them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.assurance.freezing import frozen_by
from aftercare.incidents.changes.story import checked_reason, record, write_step
from aftercare.incidents.changes.types import FARTHEST, FreezeFacts
from aftercare.incidents.changes.words import span_words
from aftercare.incidents.models import Assurance, Change, Freeze, FreezeScope
from aftercare.kernel.errors import Refused
from aftercare.telemetry.queries.resource_map import read_map

LONGEST_FREEZE_DAYS = 60


@transaction.atomic
def declare_freeze(*, facts: FreezeFacts, actor: User, now: datetime) -> Freeze:
    """Nothing is changed in this time. Raises Refused without a name or a span, or for a scope of nothing."""
    name, name_zh = " ".join(facts.name.split()), " ".join(facts.name_zh.split())
    if not name and not name_zh:
        raise Refused(_("Give the freeze a name."))
    if facts.ends_at <= facts.starts_at:
        raise Refused(_("The freeze ends before it begins."))
    if (facts.ends_at - facts.starts_at).days > LONGEST_FREEZE_DAYS or facts.starts_at > now + FARTHEST:
        raise Refused(_("A freeze is %(days)s days long at most, and within a year.") % {"days": LONGEST_FREEZE_DAYS})
    if facts.scope not in FreezeScope.values:
        raise Refused(_("Choose what must not be changed."))
    named = {FreezeScope.REGIONS: facts.regions, FreezeScope.CUSTOMERS: facts.customers}
    if facts.scope in named and not named[FreezeScope(facts.scope)]:
        raise Refused(_("Choose the regions or customers that it is about."))
    if any(not can(one, "act_on_incidents") or not one.is_provider for one in facts.breakers):
        raise Refused(_("Only people who act on incidents can be allowed to break a freeze."))
    freeze = Freeze.objects.create(
        name=(name or name_zh)[:120],
        name_zh=name_zh[:120],
        timezone=facts.timezone,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        scope=facts.scope,
        created_at=now,
    )
    freeze.regions.set(facts.regions if facts.scope == FreezeScope.REGIONS else ())
    freeze.customers.set(facts.customers if facts.scope == FreezeScope.CUSTOMERS else ())
    freeze.breakers.set(facts.breakers)
    audit.record(
        actor=actor,
        action="freeze.declare",
        subject=freeze.ref,
        customer_id=None,
        detail={"name": freeze.name, "scope": freeze.scope},
        now=now,
    )
    return freeze


@transaction.atomic
def lift_freeze(*, freeze: Freeze, actor: User, now: datetime) -> None:
    """It holds no more. Twice counts once."""
    if Freeze.objects.filter(pk=freeze.pk, lifted_at=None).update(lifted_at=now):
        detail = {"name": freeze.name}
        audit.record(actor=actor, action="freeze.lift", subject=freeze.ref, customer_id=None, detail=detail, now=now)


def freezes_on(change: Change, starts_at: datetime | None = None, ends_at: datetime | None = None) -> list[Freeze]:
    """The freezes that its window, or another one, falls into, those of events among them."""
    starts_at, ends_at = starts_at or change.starts_at, ends_at or change.ends_at
    holding = Freeze.objects.filter(lifted_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at)
    declared = [one for one in holding.order_by("starts_at", "pk") if concerns(one, change)]
    customers = Customer.objects.filter(pk__in=change.customers.filter(removed_at=None).values("customer"))
    events = frozen_by(customers, change.resources.all(), starts_at, ends_at)
    return [*declared, *map(freeze_of_event, events)]


def freeze_of_event(event: Assurance) -> Freeze:
    """An event that nothing may be changed in, as a freeze that nobody declared: it has no row."""
    return Freeze(
        ref=event.ref,
        name=event.title,
        name_zh=event.title_zh,
        timezone=event.zone,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        scope=FreezeScope.CUSTOMERS,
    )


def concerns(freeze: Freeze, change: Change) -> bool:
    """Whether the freeze is about what the change touches: all, a region it is in or serves from, or a customer."""
    if freeze.scope == FreezeScope.ALL:
        return True
    if freeze.scope == FreezeScope.CUSTOMERS:
        return change.customers.filter(removed_at=None, customer__in=freeze.customers.all()).exists()
    own = set(change.resources.values_list("pk", flat=True))
    regions = set(freeze.regions.values_list("pk", flat=True))
    resources = read_map()
    return bool(regions & (resources.above(own) | resources.parts_of(own)))


def may_break(user: User, freeze: Freeze) -> bool:
    """Whether this person may let a change happen in it: whom it names, else who manages the on-call."""
    named = freeze.breakers.all() if freeze.pk else ()
    return user in named if named else user.is_provider and can(user, "manage_oncall")


def pass_freezes(change: Change, freezes: list[Freeze], reason: str, actor: User, now: datetime) -> None:
    """Let the change happen in these, with a reason that stands in its story. Raises Refused where that may not be."""
    for freeze in freezes:
        values = {
            "freeze": freeze.display_name,
            "span": span_words(freeze.starts_at, freeze.ends_at, change.zone),
        }
        if not may_break(actor, freeze):
            sentence = _("Nothing is changed in the freeze “%(freeze)s”, %(span)s, and you may not break it.")
            raise Refused(sentence % values)
        sentence = _("It falls into the freeze “%(freeze)s”, %(span)s. Move it, or say why it must happen then.")
        reason = checked_reason(reason, sentence % values)
        write_step(change, "frozen", now=now, actor=actor, freeze=freeze.name, freeze_zh=freeze.name_zh, reason=reason)
        record("break_freeze", change, actor, now, freeze=freeze.ref, reason=reason)
