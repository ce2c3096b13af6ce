"""Secrets that have to be used again: kept encrypted, so that a copy of the database alone tells none."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

__all__ = ["InvalidToken", "seal", "unseal"]


def seal(secret: str, purpose: str, text: str) -> str:
    """The text under a key made from the installation's secret, for one purpose."""
    return cipher(secret, purpose).encrypt(text.encode()).decode()


def unseal(secret: str, purpose: str, sealed: str) -> str:
    """The text again. Raises InvalidToken where it was sealed under another secret or for another purpose."""
    return cipher(secret, purpose).decrypt(sealed.encode()).decode()


def cipher(secret: str, purpose: str) -> Fernet:
    """What encrypts for this purpose."""
    digest = hashlib.sha256(f"aftercare {purpose}\n{secret}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
