"""How WeCom signs and encrypts its calls (developer.work.weixin.qq.com path/90968 and path/101033)."""

import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from aftercare.desk.vendors.door import Forged, from_base64

BLOCK = 32  # WeCom pads to 32 bytes, not to the cipher's 16


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """SHA-1 over the four, sorted and joined."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()  # noqa: S324


def decrypted(encoding_aes_key: str, encrypted: str, receive_id: str) -> bytes:
    """The message: behind 16 random bytes and its length, before the receiver's id. Raises Forged."""
    key = from_base64(encoding_aes_key + "=")
    sealed = from_base64(encrypted)
    if len(key) != 32 or len(sealed) < BLOCK or len(sealed) % 16:
        raise Forged
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    padding = padded[-1]
    if not 1 <= padding <= BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise Forged
    plain = padded[16:-padding]
    if len(plain) < 4:
        raise Forged
    (length,) = struct.unpack(">I", plain[:4])
    if plain[4 + length :] != receive_id.encode() or len(plain) < 4 + length:
        raise Forged
    return plain[4 : 4 + length]
