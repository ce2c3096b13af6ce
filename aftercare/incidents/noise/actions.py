"""Silences are made, ended and extended; rules are made and removed. Each with its audit row."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.incidents.models import InhibitionRule, Silence
from aftercare.incidents.noise.matching import LONGEST, OWN, Match, check, match_of
from aftercare.kernel.errors import Refused

# A week: what is to be silent for longer is a rule to be changed, not a silence.
LONGEST_SILENCE = timedelta(days=7)
FARTHEST_START = timedelta(days=30)
MOST_SILENCES = 200
MOST_RULES = 50
REASON_AT_MOST, NAME_AT_MOST = 300, 120


def make_silence(
    *,
    reason: str,
    match: Match,
    holds_red: bool,
    starts_at: datetime | None,
    ends_at: datetime,
    actor: User,
    now: datetime,
    token: str | None = None,
) -> Silence:
    """Silence what fits from `starts_at` (None: now) until `ends_at`. The form's `token` makes one of two presses.

    Raises Refused without a reason, for a match that fits everything, for an end that is over, more than a week after
    the start, for a start more than 30 days ahead, and where MOST_SILENCES are not over yet.
    """
    starts_at = max(starts_at or now, now)
    reason = " ".join(reason.replace("\x00", "").split())
    check(match)
    check_span(reason, starts_at, ends_at, now)
    try:
        with transaction.atomic():
            if Silence.objects.filter(told_at=None, ends_at__gt=now).count() >= MOST_SILENCES:
                raise Refused(_("There are %(n)s silences already. End one first.") % {"n": MOST_SILENCES})
            silence = Silence.objects.create(
                reason=reason,
                match=match.as_dict(),
                holds_red=holds_red,
                starts_at=starts_at,
                ends_at=ends_at,
                made_by=actor,
                made_at=now,
                token=token,
            )
            detail = {"reason": reason, "match": silence.match, "holds_red": holds_red, **span_of(silence)}
            record("silence.create", silence, actor, now, detail)
    except IntegrityError:
        return Silence.objects.get(token=token)
    return silence


def check_span(reason: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raise Refused for a silence that nobody could explain or that does not end soon."""
    if not reason:
        raise Refused(_("Say why: whoever is on duty reads it."))
    if len(reason) > REASON_AT_MOST:
        raise Refused(_("The reason is longer than %(n)s characters. Shorten it.") % {"n": REASON_AT_MOST})
    if ends_at <= starts_at:
        raise Refused(_("A silence ends after it begins, and not in the past."))
    if ends_at - starts_at > LONGEST_SILENCE:
        raise Refused(_("A silence lasts at most %(n)s days.") % {"n": LONGEST_SILENCE.days})
    if starts_at > now + FARTHEST_START:
        raise Refused(_("A silence begins within %(n)s days.") % {"n": FARTHEST_START.days})


@transaction.atomic
def end_silence(*, silence: Silence, actor: User, now: datetime) -> None:
    """It ends now; what it holds is let go within seconds. Nothing happens to one that is over."""
    row = locked(silence)
    if is_over(row, now):
        return
    row.ends_at, row.ended_by = max(now, row.starts_at) if row.starts_at <= now else row.starts_at, actor
    row.save(update_fields=["ends_at", "ended_by"])
    if row.starts_at > now:  # it never began: there is nothing to tell
        row.told_at = now
        row.save(update_fields=["told_at"])
    record("silence.end", row, actor, now, span_of(row))


@transaction.atomic
def move_end(*, silence: Silence, ends_at: datetime, actor: User, now: datetime) -> None:
    """It ends at another time. Raises Refused for one that is over, and for more than a week from now."""
    row = locked(silence)
    if is_over(row, now):
        raise Refused(_("This silence is over. Make another one."))
    if ends_at <= max(now, row.starts_at):
        raise Refused(_("A silence ends after it begins, and not in the past."))
    if ends_at - max(now, row.starts_at) > LONGEST_SILENCE:
        raise Refused(_("A silence lasts at most %(n)s days.") % {"n": LONGEST_SILENCE.days})
    row.ends_at = ends_at
    row.save(update_fields=["ends_at"])
    record("silence.move", row, actor, now, span_of(row))


def make_rule(*, name: str, source: Match, target: Match, same: str, actor: User, now: datetime) -> InhibitionRule:
    """While what fits `source` is open, what fits `target` and has `same` in common waits. Raises Refused."""
    name = " ".join(name.replace("\x00", "").split())[:NAME_AT_MOST]
    same = same.strip()
    if not name:
        raise Refused(_("Give the rule a name."))
    if not same or len(same) > LONGEST["name"]:
        raise Refused(_("Say what the two alerts have in common: customer, app, or the name of a label."))
    check(source)
    check(target)
    if source == target:
        raise Refused(_("An alert cannot stand for itself: the two sides are the same."))
    with transaction.atomic():
        if InhibitionRule.objects.filter(removed_at=None).count() >= MOST_RULES:
            raise Refused(_("There are %(n)s rules already. Remove one first.") % {"n": MOST_RULES})
        rule = InhibitionRule.objects.create(
            name=name, source=source.as_dict(), target=target.as_dict(), same=same, made_by=actor, made_at=now
        )
        detail = {"name": name, "source": rule.source, "target": rule.target, "same": same}
        audit.record(
            actor=actor, action="inhibition.create", subject=rule.ref, customer_id=None, detail=detail, now=now
        )
    return rule


@transaction.atomic
def remove_rule(*, rule: InhibitionRule, actor: User, now: datetime) -> None:
    """What waits by it is let go within seconds."""
    if InhibitionRule.objects.filter(pk=rule.pk, removed_at=None).update(removed_at=now):
        detail = {"name": rule.name}
        audit.record(
            actor=actor, action="inhibition.remove", subject=rule.ref, customer_id=None, detail=detail, now=now
        )


def is_over(silence: Silence, now: datetime) -> bool:
    """Whether it holds nothing more, whatever the clock does."""
    return silence.told_at is not None or silence.ends_at <= now


def locked(silence: Silence) -> Silence:
    """The row as it is now, for this transaction alone."""
    return Silence.objects.select_for_update().get(pk=silence.pk)


def span_of(silence: Silence) -> dict[str, str]:
    """From when until when, as the audit keeps it."""
    return {"from": silence.starts_at.isoformat(), "until": silence.ends_at.isoformat()}


def record(action: str, silence: Silence, actor: User, now: datetime, detail: Mapping[str, object]) -> None:
    """The audit row; of a silence for one customer it is about that customer."""
    ref = match_of(silence.match).customer
    customer = Customer.objects.filter(ref=ref).first() if ref and ref != OWN else None
    audit.record(
        actor=actor,
        action=action,
        subject=silence.ref,
        customer_id=customer.pk if customer else None,
        detail=detail,
        now=now,
    )
