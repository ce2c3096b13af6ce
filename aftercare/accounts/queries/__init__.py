"""What other rooms and processes ask about who is who."""

from aftercare.accounts.queries.keys import KeyFacts, ingest_keys_snapshot, user_hash

__all__ = ["KeyFacts", "ingest_keys_snapshot", "user_hash"]
