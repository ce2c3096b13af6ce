"""One module per way out: `send(envelope) -> Outcome`, no database, never longer than its time limit."""
