"""Every way out to a person: the outbox and its channels."""
