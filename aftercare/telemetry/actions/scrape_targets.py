"""Scrape targets, by hand: made, changed, paused, taken away, asked for out of turn."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, User
from aftercare.audit.actions import record
from aftercare.kernel import outbound
from aftercare.kernel.errors import Refused
from aftercare.kernel.sealing import seal
from aftercare.telemetry.models import Resource, ScrapeTarget
from aftercare.telemetry.words import WRONG_ADDRESS, WRONG_PORT

PURPOSE = "scrape targets"
MOST_TARGETS = 20
SOONEST_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True)
class TargetFacts:
    """What a person says of a target; `secret` None keeps the one that is there."""

    name: str
    address: str
    interval_s: int
    timeout_s: int
    auth: str = ""
    username: str = ""
    secret: str | None = None
    labels: dict[str, str] = field(default_factory=dict)


def add_scrape_target(
    *, app: App | None, resource: Resource | None, facts: TargetFacts, actor: User, now: datetime
) -> ScrapeTarget:
    """Have a target pulled for one owner, from now on.

    Raises Refused where the owner has MOST_TARGETS or one of this name, or a secret is missing.
    """
    if facts.auth and facts.secret is None:
        raise Refused(_("Give the token or password that the target wants to know us by."))
    with transaction.atomic():
        lock_owner(app, resource)
        others = ScrapeTarget.objects.filter(app=app, resource=resource)
        if others.count() >= MOST_TARGETS:
            raise Refused(_("There are %(n)s targets already, as many as one owner may have.") % {"n": MOST_TARGETS})
        require_other_name(others, facts.name)
        target = ScrapeTarget(app=app, resource=resource, created_at=now, next_at=now, asked_at=now)
        write(target, facts)
        note(target, "scrape_target.add", actor, now)
    return target


def edit_scrape_target(*, target: ScrapeTarget, facts: TargetFacts, actor: User, now: datetime) -> ScrapeTarget:
    """Change a target. A secret never follows to another host: it has to be given again there.

    Raises Refused where a secret is missing, or another target of the owner has the name.
    """
    with transaction.atomic():
        locked = ScrapeTarget.objects.select_for_update().get(pk=target.pk)
        require_other_name(
            ScrapeTarget.objects.filter(app=locked.app, resource=locked.resource).exclude(pk=locked.pk), facts.name
        )
        moves = origin(locked.address) != origin(facts.address) or locked.auth != facts.auth
        if facts.auth and facts.secret is None and (moves or not locked.secret):
            raise Refused(_("Give the token or password again: the one that is kept goes to the former host alone."))
        locked.revision += 1
        locked.next_at = locked.asked_at = now
        locked.up_since = locked.failing_since = locked.pulled_at = None
        locked.trouble, locked.seen, locked.seen_at = "", [], None
        write(locked, facts)
        note(locked, "scrape_target.edit", actor, now)
    return locked


def pause_scrape_target(*, target: ScrapeTarget, actor: User, now: datetime) -> None:
    """Pull it no more until it is resumed. Pausing twice changes nothing."""
    with transaction.atomic():
        if ScrapeTarget.objects.filter(pk=target.pk, paused_at__isnull=True).update(paused_at=now):
            note(target, "scrape_target.pause", actor, now)


def resume_scrape_target(*, target: ScrapeTarget, actor: User, now: datetime) -> None:
    """Pull it again."""
    with transaction.atomic():
        paused = ScrapeTarget.objects.filter(pk=target.pk, paused_at__isnull=False)
        if paused.update(paused_at=None, next_at=now, up_since=None, failing_since=None, trouble=""):
            note(target, "scrape_target.resume", actor, now)


def remove_scrape_target(*, target: ScrapeTarget, actor: User, now: datetime) -> None:
    """Forget a target; what it told stays."""
    with transaction.atomic():
        note(target, "scrape_target.remove", actor, now)
        target.delete()


def ask_for_pull(*, target: ScrapeTarget, now: datetime) -> None:
    """Have a target pulled at once, paused or not. Raises Refused where that was asked for a moment ago."""
    rested = Q(seen_at__isnull=True) | Q(seen_at__lte=now - SOONEST_AGAIN) | Q(seen_at__gt=now)
    if not ScrapeTarget.objects.filter(rested, pk=target.pk, asked_at__isnull=True).update(asked_at=now):
        raise Refused(_("It was pulled a moment ago. Try again in a few seconds."))


def may_be_private(*, is_resource: bool) -> bool:
    """Whether such an owner's targets may be in private networks, by `AFTERCARE_ALLOW_PRIVATE_SCRAPES`."""
    return settings.PRIVATE_SCRAPES == "all" or (is_resource and settings.PRIVATE_SCRAPES == "resources")


def require_callable(address: str, *, is_resource: bool) -> None:
    """Raise Refused for an address of which it is plain before any pull that it will not be called."""
    try:
        target = outbound.parse(address)
    except outbound.AddressError as error:
        raise Refused(_(WRONG_ADDRESS[error.wrong])) from None
    if not target.speaks_http:
        raise Refused(_(WRONG_PORT))
    is_allowed = outbound.is_machines if may_be_private(is_resource=is_resource) else outbound.is_public
    if target.literal is not None and not is_allowed(target.literal):
        raise Refused(_(WRONG_ADDRESS[outbound.Wrong.PRIVATE]))


def lock_owner(app: App | None, resource: Resource | None) -> None:
    """Let nobody else add to this owner's targets until the transaction ends."""
    if app is not None:
        App.objects.select_for_update().get(pk=app.pk)
    if resource is not None:
        Resource.objects.select_for_update().get(pk=resource.pk)


def require_other_name(others: QuerySet[ScrapeTarget], name: str) -> None:
    """Raise Refused where one of these targets has this name: it becomes the label `job`."""
    if others.filter(name=name).exists():
        raise Refused(_("There is already a target of this name here."))


def origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address: who gets what is sent there."""
    target = outbound.parse(address)
    return target.scheme, target.host, target.port


def write(target: ScrapeTarget, facts: TargetFacts) -> None:
    """Put the facts into the row."""
    for name in ("name", "address", "interval_s", "timeout_s", "auth", "labels"):
        setattr(target, name, getattr(facts, name))
    target.username = facts.username if facts.auth == ScrapeTarget.Auth.BASIC else ""
    if not facts.auth:
        target.secret = ""
    elif facts.secret is not None:
        target.secret = seal(settings.SECRET_KEY, PURPOSE, facts.secret)
    target.save()


def note(target: ScrapeTarget, action: str, actor: User, now: datetime) -> None:
    """The audit's row; the secret stays out of it, and so does what may be one in the address."""
    owner = {"app": target.app.ref} if target.app else {"resource": target.resource.ref if target.resource else ""}
    detail = {**owner, "name": target.name, "address": target.address.partition("?")[0], "auth": target.auth}
    record(actor=actor, action=action, subject=target.ref, customer_id=target.customer_id, detail=detail, now=now)
