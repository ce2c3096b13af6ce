"""What to do about a known cause: runbooks, going through them, and practising them."""
