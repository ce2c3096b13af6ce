"""WeCom's callbacks: SHA-1 signature over sorted parts, AES-256-CBC with padding to 32, flat XML inside.

Source: developer.work.weixin.qq.com/document/path/90968 (encryption scheme), 101033 (the robot's, no receiver)
and 90238 (receiving messages).
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
MOST_BYTES = 200_000
FIELD = re.compile(r"<(\w{1,64})>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)


class BadCallback(Exception):
    """Not from WeCom, not for us, or not readable."""


def signature_of(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The signature over one callback."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()  # noqa: S324 - theirs


def opened(
    encrypted: str, *, token: str, aes_key: str, receive_id: str, signature: str, timestamp: str, nonce: str
) -> str:
    """What a callback says. Raises BadCallback when signature, key or receiver are not right."""
    expected = signature_of(token, timestamp, nonce, encrypted)
    if not token or not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise BadCallback("signature")
    try:
        raw = base64.b64decode(encrypted, validate=True)
        key = key_of(aes_key)
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = cipher.update(raw) + cipher.finalize()
        length, padding = struct.unpack(">I", plain[16:20])[0], plain[-1]
        said, receiver = plain[20 : 20 + length], plain[20 + length : len(plain) - padding]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding or len(said) != length:
            raise BadCallback("padding")
        if receiver.decode() != receive_id:
            raise BadCallback("receiver")
        return said.decode()
    except (ValueError, IndexError, struct.error, binascii.Error) as error:
        raise BadCallback(repr(error)) from None


def sealed_answer(text: str, *, token: str, aes_key: str, receive_id: str, timestamp: str, nonce: str) -> str:
    """The XML of an answer to a callback, `text` encrypted and signed in it. Raises ValueError for a wrong key."""
    key, said = key_of(aes_key), text.encode()
    raw = secrets.token_bytes(16) + struct.pack(">I", len(said)) + said + receive_id.encode()
    padding = BLOCK - len(raw) % BLOCK
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = cipher.update(raw + bytes([padding]) * padding) + cipher.finalize()
    encrypted = base64.b64encode(sealed).decode()
    signature = signature_of(token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def key_of(aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey of 43 characters. Raises ValueError for another."""
    key = base64.b64decode(aes_key + "=")
    if len(key) != 32:
        raise ValueError("EncodingAESKey")
    return key


def fields_of(xml: str) -> dict[str, str]:
    """The fields of a flat XML message. Raises BadCallback for one with a document type or entities of its own.

    WeCom's messages have one level, so that no parser is needed that could be made to expand anything.
    """
    if len(xml) > MOST_BYTES or "<!DOCTYPE" in xml.upper() or "<!ENTITY" in xml.upper():
        raise BadCallback("XML")
    inside = xml.strip().removeprefix("<xml>").removesuffix("</xml>")
    return {found[1]: found[2] if found[2] is not None else found[3].strip() for found in FIELD.finditer(inside)}
