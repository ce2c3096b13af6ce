"""Web Push: encrypted for one browser, signed as ours, given up where the browser is gone."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from aftercare.kernel.errors import Refused
from aftercare.notify import actions, engine
from aftercare.notify.adapters import webpush
from aftercare.notify.models import ContactMethod, Delivery, State
from tests.vendors_of_chat.double import Asked, Double, Reply, serving
from tests.world import World


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return hmac.new(hmac.new(salt, secret, hashlib.sha256).digest(), info + b"\1", hashlib.sha256).digest()[:length]


@dataclass
class PushService(Double):
    """A browser with its push service: takes only what this browser can open and what the page's key signed."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> str:
        return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (self.point, self.auth))

    def answer(self, asked: Asked) -> Reply:
        assert asked.method == "POST" and asked.headers["content-encoding"] == "aes128gcm"
        assert int(asked.headers["ttl"]) >= 0 and asked.headers["urgency"] in ("very-low", "low", "normal", "high")
        match = re.fullmatch(r"vapid t=([\w.-]+), ?k=([\w-]+)", asked.headers["authorization"])
        assert match and match[2] == webpush.public_key(), "another page's key"
        signer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(match[2]))
        claims = jwt.decode(match[1], signer, algorithms=["ES256"], audience=self.url)
        assert claims["sub"].startswith("mailto:") and claims["exp"] - time.time() <= 86_400
        if self.refusals:
            return self.refusals.pop(0)
        assert len(asked.body) <= 4096
        self.shown.append(json.loads(self.opened(asked.body)))
        return 201, {"Location": f"{self.url}/message/1"}, {}

    def opened(self, body: bytes) -> bytes:
        """As RFC 8188 and RFC 8291 say, from the browser's side."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert length == 65 and size >= len(sealed)
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = hkdf(self.auth, shared, b"WebPush: info\0" + self.point + sender, 32)
        key, nonce = (
            hkdf(salt, secret, b"Content-Encoding: " + n + b"\0", m) for n, m in ((b"aes128gcm", 16), (b"nonce", 12))
        )
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\2")
        return plain[:-1]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: True)
    with serving(PushService()) as made:
        yield made


def contact_of(world: World, browser: PushService) -> ContactMethod:
    """Lin's browser. Its address is plain HTTP at loopback, which no page may name."""
    contact = actions.add_contact(
        user=world.eng, channel="webpush", address="https://push.example/x", keys=browser.keys, now=world.now
    )
    contact.address = f"{browser.url}/x"
    contact.save()
    return contact


def page(world: World, contact: ContactMethod, **more: Any) -> Delivery:
    facts: dict[str, Any] = {"kind": "page", "subject_ref": "inc-1", "title": "卡顿率 6.2%", "urgency": "urgent"}
    row = actions.send(
        user=world.eng, contact=contact, channel="webpush", address=contact.address, now=world.now, **facts | more
    )
    engine.process_due(world.now)
    return Delivery.objects.get(pk=row.pk)


def test_it_encrypts_as_the_standard_shows() -> None:
    """RFC 8291, appendix A, to the last byte."""
    ours = ec.derive_private_key(int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1())
    point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    client, auth = webpush.keys_of(f"{point}.BTBZMqHH6r4Tts7J_aSIgg")
    salt = raw("DGv6ra1nlYgDCS1FRnbzlw")
    made = webpush.encrypted(b"When I grow up, I want to be a watermelon", client, auth, salt=salt, ours=ours)
    assert webpush.to_text(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_it_works(world: World, browser: PushService) -> None:
    row = page(world, contact_of(world, browser), body="Red line", url_path="/p/1")
    assert row.state == State.SENT
    (shown,) = browser.shown
    assert (shown["title"], shown["body"], shown["urgent"]) == ("卡顿率 6.2%", "Red line", True)
    assert shown["url"].endswith("/p/1")


def test_a_test_that_arrived_confirms_the_browser(world: World, browser: PushService) -> None:
    contact = contact_of(world, browser)
    assert not contact.verified
    actions.send_test(contact=contact, now=world.now)
    engine.process_due(world.now)
    contact.refresh_from_db()
    assert contact.verified and len(browser.shown) == 1


@pytest.mark.parametrize(
    ("status", "state"), [(410, State.FAILED), (404, State.FAILED), (403, State.FAILED), (502, State.PENDING)]
)
def test_what_a_refusal_means(world: World, browser: PushService, status: int, state: str) -> None:
    browser.refusals = [(status, {}, {})]
    assert page(world, contact_of(world, browser)).state == state


@pytest.mark.parametrize("keys", ["", "a.b", "a", "…." * 9, "B" * 87 + "." + "A" * 22])
def test_keys_that_are_none_are_refused(world: World, keys: str) -> None:
    form = {"channel": "webpush", "address": "https://push.example/x", "keys": keys}
    assert world.client("eng").post("/settings/contacts", form).status_code == 400
    assert not ContactMethod.objects.exists()


@pytest.mark.parametrize("address", ["http://push.example/x", "https://u:p@push.example/", "javascript:alert(1)", ""])
def test_addresses_that_are_none_are_refused(world: World, browser: PushService, address: str) -> None:
    with pytest.raises(Refused):
        actions.add_contact(user=world.eng, channel="webpush", address=address, keys=browser.keys, now=world.now)


def test_the_server_calls_no_neighbour_of_its_own(
    world: World, browser: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: False)
    row = page(world, contact_of(world, browser))
    assert row.state == State.FAILED and not browser.shown


def test_the_page_says_where_it_does_not_arrive(world: World, browser: PushService) -> None:
    client = world.client("eng")
    contact_of(world, browser)
    shown = client.get("/settings/contacts").content.decode()
    assert "In Chrome it does not arrive behind the mainland" in shown
    assert webpush.public_key() in shown and browser.keys not in shown
    worker = client.get("/push-worker.js")
    assert worker.status_code == 200 and worker["Content-Type"].startswith("text/javascript")
