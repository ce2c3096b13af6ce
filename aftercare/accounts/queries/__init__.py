"""What other rooms and processes ask about who is who."""

from aftercare.accounts.queries.keys import KeyFacts, find_key, ingest_keys_snapshot, is_good, user_hash
from aftercare.accounts.queries.people import has_staff

__all__ = ["KeyFacts", "find_key", "has_staff", "ingest_keys_snapshot", "is_good", "user_hash"]
