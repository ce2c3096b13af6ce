"""Keyed hashes: user identifiers, secrets at rest, signed links."""

import base64
import hashlib
import hmac


def keyed_hash(secret: bytes, text: str) -> bytes:
    """HMAC-SHA256 of `text` under `secret`, cut to 16 bytes: what is stored instead of a user identifier."""
    return hmac.digest(secret, text.encode(), hashlib.sha256)[:16]


def fingerprint(secret: str) -> str:
    """SHA-256 of a high-entropy secret as hex: enough at rest, since such a secret cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(secret: bytes, purpose: str, text: str) -> str:
    """A URL-safe signature of `text` for one purpose, 16 bytes strong."""
    digest = hmac.digest(secret, f"{purpose}\n{text}".encode(), hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_signed(secret: bytes, purpose: str, text: str, signature: str) -> bool:
    """Whether `signature` was made by `sign` with the same secret, purpose and text (constant time)."""
    return hmac.compare_digest(sign(secret, purpose, text), signature)
