"""Making, using and revoking API tokens."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import ApiToken, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.ids import ALPHABET
from aftercare.kernel.signing import fingerprint

MOST_TOKENS_OF_PERSON = 20
LONGEST_LIFE_DAYS = 366
# A token's use is noted at most this often: a busy program would write the row with every call.
NOTE_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class IssuedToken:
    """A token just made, with its secret: the only time anybody sees it."""

    token: ApiToken
    secret: str


@transaction.atomic
def issue_token(*, user: User, label: str, life_days: int, now: datetime) -> IssuedToken:
    """Make a token that acts as `user` for `life_days` (1 to 366).

    Raises Refused for a life out of range, no label, or when the person has MOST_TOKENS_OF_PERSON working ones.
    """
    label = " ".join(label.replace("\x00", "").split())[:80]
    if not label:
        raise Refused(_("Say what the token is for, so that you know later which one to revoke."))
    if not 1 <= life_days <= LONGEST_LIFE_DAYS:
        raise Refused(_("A token lives between 1 and %(most)s days.") % {"most": LONGEST_LIFE_DAYS})
    working = ApiToken.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=now)
    if working.count() >= MOST_TOKENS_OF_PERSON:
        raise Refused(_("You have %(n)s working tokens. Revoke one that nothing uses.") % {"n": MOST_TOKENS_OF_PERSON})
    prefix = "".join(secrets.choice(ALPHABET) for _n in range(8))
    secret = f"at_{prefix}_{''.join(secrets.choice(ALPHABET) for _n in range(33))}"
    token = ApiToken.objects.create(
        user=user,
        label=label,
        prefix=prefix,
        fingerprint=fingerprint(secret),
        created_at=now,
        expires_at=now + timedelta(days=life_days),
    )
    keep_record("token.issue", token, now)
    return IssuedToken(token, secret)


@transaction.atomic
def revoke_token(*, token: ApiToken, now: datetime) -> None:
    """Make a token worthless. Nothing happens to one that is revoked already."""
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        keep_record("token.revoke", token, now)


def person_of_token(secret: str, *, now: datetime) -> User | None:
    """Whom this token acts as; None when it is unknown, has ended, or its person may not sign in any more."""
    known = ApiToken.objects.filter(fingerprint=fingerprint(secret)).select_related("user__customer").first()
    if known is None or not known.works(now) or not known.user.is_active:
        return None
    if known.last_used_at is None or now - known.last_used_at >= NOTE_USE_EVERY:
        ApiToken.objects.filter(pk=known.pk).update(last_used_at=now)
    return known.user


def keep_record(action: str, token: ApiToken, now: datetime) -> None:
    """The audit row."""
    user = token.user
    detail = {"label": token.label}
    record(actor=user, action=action, subject=token.ref, customer_id=user.customer_id, detail=detail, now=now)
