"""Public references: short, unguessable, safe to read out on a phone."""

import secrets

# Crockford's base 32 without vowels that spell words; no I, L, O, U to misread.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_ref(length: int = 12) -> str:
    """A random reference of `length` characters, 5 bits each: 12 make 60 bits, which cannot be enumerated over HTTP."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
