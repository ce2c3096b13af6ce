"""Ingest keys as the ingest process holds them in memory, and the hashing of end users' identifiers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q

from aftercare.accounts.models import Customer, IngestKey
from aftercare.kernel.clock import utc_now
from aftercare.kernel.signing import fingerprint, keyed_hash

# How long a dead key is still known by name, so that its sender hears 410 (gone) instead of 401 (who are you).
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True)
class KeyFacts:
    """One ingest key. Times are aware UTC; `user_hash_secret` is None where identifiers are kept as they come."""

    fingerprint: str
    key_id: int
    customer_id: int | None
    app_id: int | None
    resource_ref: str | None
    user_hash_secret: bytes | None
    quota_lines_per_s: int
    expires_at: datetime | None
    revoked_at: datetime | None
    plan: str | None
    callback_source: str
    callback_secret: str = field(repr=False)


def ingest_keys_snapshot(now: datetime | None = None) -> list[KeyFacts]:
    """Every key that works, or stopped working in the last 90 days. Read again on NOTIFY `aftercare_keys`."""
    since = (now or utc_now()) - REMEMBERED
    rows = (
        IngestKey.objects.filter(Q(revoked_at__isnull=True) | Q(revoked_at__gt=since))
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=since))
        .annotate(secret=F("customer__user_hash_secret"), plan=F("customer__plan"))
    )
    return [
        KeyFacts(
            fingerprint=key.fingerprint,
            key_id=key.pk,
            customer_id=key.customer_id,
            app_id=key.app_id,
            resource_ref=key.resource_ref,
            user_hash_secret=bytes(key.secret) if key.user_hash and key.secret is not None else None,
            quota_lines_per_s=key.quota_lines_per_s,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            plan=key.plan,
            callback_source=key.callback_source,
            callback_secret=key.callback_secret,
        )
        for key in rows
    ]


def user_hash(customer: Customer, identifier: str) -> bytes:
    """The 16 bytes that are stored instead of an end user's identifier; search hashes the question the same way."""
    return keyed_hash(bytes(customer.user_hash_secret), identifier)


def find_key(secret: str) -> IngestKey | None:
    """The key with this secret, one that no longer works too, its app loaded; None where there is none."""
    return IngestKey.objects.select_related("app").filter(fingerprint=fingerprint(secret)).first()


def is_good(key: IngestKey, now: datetime) -> bool:
    """Whether a key works at this moment."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
