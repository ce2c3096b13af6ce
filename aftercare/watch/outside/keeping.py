"""Making, changing, rotating and revoking sources, each in one transaction with its audit row."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.ids import ALPHABET
from aftercare.kernel.signing import fingerprint
from aftercare.watch.actions.told import close, hold_origin, open_of
from aftercare.watch.models import AlertSource, CloseReason, SourceKey, SourceKind
from aftercare.watch.outside.formats.mapped import check_mapping
from aftercare.watch.outside.payloads import GRADES
from aftercare.watch.outside.types import SourceFacts, facts_of

MOST_SOURCES = 200
MOST_LEVELS = 50
LONGEST_NAME, LONGEST_LEVEL = 80, 200
# Shorter, and one late repeat would close what still burns; longer is no promise to anybody.
LEAST_SILENCE_S, MOST_SILENCE_S = 60, 30 * 86_400
LONGEST_OVERLAP_H = 24 * 30


@dataclass(frozen=True)
class Issued:
    """A source with the secret of its address: the only time anybody sees it."""

    source: AlertSource
    secret: str


@transaction.atomic
def create_source(
    *, kind: str, place: App | Customer | None, facts: SourceFacts, actor: User | None, now: datetime
) -> Issued:
    """Add a source of an app, of a customer, or of the provider's own systems (None).

    Raises Refused for an unknown kind, facts that make no sense, and where there are MOST_SOURCES already.
    """
    if kind not in SourceKind.values:
        raise Refused(_("This kind of source is not known here."))
    facts = checked(kind, facts)
    if AlertSource.objects.filter(revoked_at=None).count() >= MOST_SOURCES:
        raise Refused(_("There are %(most)d alert sources, the most there can be.") % {"most": MOST_SOURCES})
    app = place if isinstance(place, App) else None
    customer = app.customer if app else place if isinstance(place, Customer) else None
    source = AlertSource.objects.create(kind=kind, app=app, customer=customer, created_at=now, **facts.as_dict())
    keep_record("create", source, actor, {"kind": kind, **facts.as_dict()}, now)
    return Issued(source, issue_key(source, now))


@transaction.atomic
def edit_source(*, source: AlertSource, facts: SourceFacts, actor: User | None, now: datetime) -> AlertSource:
    """Change a source; open alerts keep what they say and close by the new silence. Raises Refused."""
    hold_origin(source)
    row = standing(source)
    before, facts = facts_of(row), checked(row.kind, facts)
    changed = {name: value for name, value in facts.as_dict().items() if value != getattr(before, name)}
    if not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
    if "silent_after_s" in changed:
        silence = timedelta(seconds=facts.silent_after_s) if facts.silent_after_s else None
        open_of(row).update(closes_at=F("last_seen_at") + silence if silence else None)
    keep_record("edit", row, actor, {name: [getattr(before, name), value] for name, value in changed.items()}, now)
    return row


@transaction.atomic
def rotate_source(*, source: AlertSource, overlap_h: int, actor: User | None, now: datetime) -> Issued:
    """A new address for a source; the old ones work `overlap_h` hours longer. Raises Refused."""
    if not 0 <= overlap_h <= LONGEST_OVERLAP_H:
        raise Refused(_("The overlap must be between 0 and %(most)s hours.") % {"most": LONGEST_OVERLAP_H})
    hold_origin(source)
    row = standing(source)
    ends_at = now + timedelta(hours=overlap_h)
    row.keys.filter(expires_at=None).update(expires_at=ends_at)
    row.keys.filter(expires_at__gt=ends_at).update(expires_at=ends_at)
    keep_record("rotate", row, actor, {"overlap_h": overlap_h}, now)
    return Issued(row, issue_key(row, now))


@transaction.atomic
def revoke_source(*, source: AlertSource, actor: User | None, now: datetime) -> None:
    """Make its address worthless and close what it has open: nobody would tell us when that is over.

    Revoking twice changes nothing.
    """
    hold_origin(source)
    row = AlertSource.objects.get(pk=source.pk)
    if row.revoked_at:
        return
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    closed = close(open_of(row), CloseReason.REVOKED, now)
    keep_record("revoke", row, actor, {"closed": closed}, now)


def checked(kind: str, facts: SourceFacts) -> SourceFacts:
    """The facts as they are kept. Raises Refused with the first thing that cannot be."""
    name = " ".join(facts.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(_("A source's name has 1 to %(most)d characters.") % {"most": LONGEST_NAME})
    silence = facts.silent_after_s
    if silence is not None and not LEAST_SILENCE_S <= silence <= MOST_SILENCE_S:
        raise Refused(_("An alert closes by itself after 1 minute to 30 days without news, or never."))
    mapping = check_mapping(facts.mapping) if kind == SourceKind.JSON else {}
    return SourceFacts(name, mapping, checked_levels(facts.severities), silence)


def checked_levels(levels: Mapping[str, str]) -> dict[str, str]:
    """The source's own grades, by levels in small letters. Raises Refused."""
    if len(levels) > MOST_LEVELS or any(len(level) > LONGEST_LEVEL for level in levels):
        raise Refused(_("At most %(most)d levels can be graded, each of a few words.") % {"most": MOST_LEVELS})
    for grade in levels.values():
        if grade not in GRADES:
            raise Refused(_("A level is red, warning or ignored, not “%(grade)s”.") % {"grade": str(grade)[:40]})
    return {level.strip().lower(): grade for level, grade in levels.items()}


def standing(source: AlertSource) -> AlertSource:
    """The source as it is now. Raises Refused for one that was revoked."""
    row = AlertSource.objects.select_related("app", "customer").get(pk=source.pk)
    if row.revoked_at:
        raise Refused(_("This source was revoked. Make a new one."))
    return row


def issue_key(source: AlertSource, now: datetime) -> str:
    """A new secret for the source's address; its fingerprint alone is kept."""
    prefix = "".join(secrets.choice(ALPHABET) for _n in range(8))
    secret = f"al_{prefix}_" + "".join(secrets.choice(ALPHABET) for _n in range(32))
    SourceKey.objects.create(source=source, prefix=prefix, fingerprint=fingerprint(secret), created_at=now)
    return secret


def keep_record(verb: str, source: AlertSource, actor: User | None, detail: dict[str, Any], now: datetime) -> None:
    """The audit row of one change of one source."""
    record(
        actor=actor,
        action=f"source.{verb}",
        subject=source.ref,
        customer_id=source.customer_id,
        detail={"name": source.name, **detail},
        now=now,
    )
