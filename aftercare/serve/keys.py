"""Hands the accounts room's keys to the front door, which knows no Django."""

from collections.abc import Iterator

from aftercare.accounts.queries import ingest_keys_snapshot
from aftercare.ingest.keys import Key

# How long raw reports are kept, by plan; what no customer owns is the provider's own infrastructure.
KEEP_DAYS = {"basic": 15, "professional": 30, "flagship": 90}
PROVIDER_KEEP_DAYS = 30


def load_keys() -> Iterator[Key]:
    """Every key in the form that the front door holds."""
    for facts in ingest_keys_snapshot():
        yield Key(
            fingerprint=facts.fingerprint,
            customer=facts.customer_id or 0,
            app=facts.app_id or 0,
            keep_days=KEEP_DAYS.get(facts.plan or "", PROVIDER_KEEP_DAYS),
            quota_lines_per_s=facts.quota_lines_per_s,
            user_secret=facts.user_hash_secret,
            expires_at=facts.expires_at.timestamp() if facts.expires_at else 0,
            revoked_at=facts.revoked_at.timestamp() if facts.revoked_at else 0,
        )
