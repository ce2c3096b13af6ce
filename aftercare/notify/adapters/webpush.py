"""Web Push: to a browser that agreed to it, encrypted for it alone, signed as ours.

Documents: RFC 8030 (TTL, Urgency, 404 and 410 for a subscription that ended, 413, 429), RFC 8291 with RFC 8188
(aes128gcm; its example is a test here), RFC 8292 (VAPID). Our key is made from the installation's secret, so that no
other one has it. Chrome's push service is Google's and cannot be reached behind the mainland's network: no message
arrives there.
"""

import base64
import hashlib
import hmac
import json
import os
from email.utils import parseaddr
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext_noop as _

from aftercare.kernel.errors import Refused
from aftercare.notify.adapters.calling import Undelivered, ask
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, too_fast

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096
VALID_S = 12 * 3600
TTL_S = {"urgent": 600, "routine": 86_400}
WORDS_AT_MOST = 600


def send(envelope: Envelope) -> Outcome:
    """POST the encrypted message to the browser's push service. Never raises."""
    try:
        client, auth = keys_of(envelope.secret)
        body = encrypted(message_of(envelope), client, auth, salt=os.urandom(16), ours=ec.generate_private_key(CURVE))
        answer = ask("POST", envelope.address, body=body, headers=headers_of(envelope), most_bytes=2000)
    except Refused:
        return permanent(_("The browser's keys are none. Let it agree again"))
    except Undelivered as undelivered:
        return undelivered.outcome
    detail = f"HTTP {answer.status}"
    if answer.status in (200, 201, 202):
        return sent(answer.headers.get("location", detail)[-180:])
    if answer.status in (404, 410):
        return permanent(_("The browser takes no messages any more"), detail)
    if answer.status == 429:
        return too_fast(_("The vendor asks us to slow down"), detail, wait_s=30.0, whole_account=False)
    if answer.status >= 500:
        return temporary(_("The receiver cannot take it now"), detail)
    return permanent(_("The receiver refused"), detail)


def message_of(envelope: Envelope) -> bytes:
    """What the browser's worker shows, and where a click leads."""
    said = {"title": envelope.title[:200], "body": envelope.body[:WORDS_AT_MOST], "url": envelope.url}
    return json.dumps({**said, "tag": envelope.subject_ref, "urgent": envelope.urgency == "urgent"}).encode()


def headers_of(envelope: Envelope) -> dict[str, str]:
    """How long it is worth keeping, how urgent it is, and the proof that it is ours."""
    return {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(TTL_S[envelope.urgency]),
        "Urgency": "high" if envelope.urgency == "urgent" else "normal",
        "Authorization": f"vapid t={vapid(envelope.address, envelope.at.timestamp())}, k={public_key()}",
    }


def vapid(endpoint: str, now_s: float) -> str:
    """The signed claim for one push service, good for half a day (at most a day is allowed)."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(now_s) + VALID_S,
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    return jwt.encode(claims, our_key(), algorithm="ES256")


def our_key() -> ec.EllipticCurvePrivateKey:
    """The installation's key for push services, made from its secret."""
    digest = hashlib.sha512(f"aftercare web push\n{settings.SECRET_KEY}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest) % (ORDER - 1) + 1, CURVE)


def public_key() -> str:
    """What a browser is told when it agrees (`applicationServerKey`)."""
    return to_text(point_of(our_key().public_key()))


def keys_of(secret: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """A subscription's `p256dh` and `auth`, kept with a dot between. Raises Refused where they are none."""
    try:
        point, auth = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in secret.split("."))
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError:
        raise Refused("keys") from None
    if len(auth) != 16 or len(point) != 65:
        raise Refused("keys")
    return key, auth


def encrypted(
    plain: bytes, client: ec.EllipticCurvePublicKey, auth: bytes, *, salt: bytes, ours: ec.EllipticCurvePrivateKey
) -> bytes:
    """One record of aes128gcm for this browser: header, then the sealed text and its end mark (RFC 8291, 3.4)."""
    sender = point_of(ours.public_key())
    shared = ours.exchange(ec.ECDH(), client)
    secret = derived(auth, shared, b"WebPush: info\0" + point_of(client) + sender, 32)
    key = derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(salt, secret, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD.to_bytes(4) + len(sender).to_bytes(1) + sender
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF of SHA-256 for at most one block (RFC 5869)."""
    extracted = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)[:length]


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def to_text(raw: bytes) -> str:
    """Base64 for addresses, without its end."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
