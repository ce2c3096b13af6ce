"""What other rooms and processes ask about who is who."""

from aftercare.accounts.queries.keys import KeyFacts, ingest_keys_snapshot, user_hash
from aftercare.accounts.queries.people import has_staff

__all__ = ["KeyFacts", "has_staff", "ingest_keys_snapshot", "user_hash"]
