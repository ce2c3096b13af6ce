"""A vendor's callbacks on a key: the secret is set by who may manage keys, used to check, and shown to nobody."""

import pytest
from django.urls import reverse

from aftercare.accounts.actions.keys import issue_app_key, revoke_key, rotate_key, set_callback
from aftercare.accounts.models import IngestKey
from aftercare.accounts.queries import KeyFacts, ingest_keys_snapshot
from aftercare.audit.models import Entry
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint
from tests.world import World

SECRET = "nobody-shows-this-again"


def known(secret: str) -> KeyFacts:
    """What the front door is told of the key with this secret."""
    return next(key for key in ingest_keys_snapshot() if key.fingerprint == fingerprint(secret))


def page(key: IngestKey) -> str:
    return reverse("accounts:callback", args=[key.ref])


def test_it_works(world: World) -> None:
    client = world.client("developer")
    assert client.get(page(world.show_key)).status_code == 200
    facts = {"callback_source": "agora", "callback_secret": f" {SECRET} "}
    assert client.post(page(world.show_key), facts).status_code == 302
    held = known(world.show_secret)
    assert (held.callback_source, held.callback_secret) == ("agora", SECRET)
    assert SECRET not in repr(held)
    row = Entry.objects.get(action="key.callback", subject=world.show_key.ref)
    assert (row.actor_name, row.customer_id, row.detail["to"]) == ("Dev", world.show.pk, "agora")
    assert SECRET not in str(row.detail)


def test_it_is_shown_nowhere(world: World) -> None:
    set_callback(key=world.show_key, source="zego", secret=SECRET, actor=world.zhao, now=world.now)
    client = world.client("zhao", headers={"accept-language": "en"})
    for address in (
        page(world.show_key),
        reverse("accounts:customer", args=[world.show.ref]),
        reverse("accounts:keys"),
    ):
        html = client.get(address).content.decode()
        assert "ZEGO" in html and SECRET not in html, address
    again = client.post(page(world.show_key), {"callback_source": "nobody", "callback_secret": SECRET})
    assert again.status_code == 200 and SECRET not in again.content.decode()


def test_requires_the_right_to_manage_keys(world: World) -> None:
    facts = {"callback_source": "agora", "callback_secret": SECRET}
    for name, status in (("viewer", 403), ("stranger", 404)):
        client = world.client(name)
        assert client.get(page(world.show_key)).status_code == status
        assert client.post(page(world.show_key), facts).status_code == status
    assert known(world.show_secret).callback_source == ""


@pytest.mark.parametrize(("source", "secret"), [("agora", ""), ("", SECRET), ("agora", "  ")])
def test_rejects_half_of_it(world: World, source: str, secret: str) -> None:
    facts = {"callback_source": source, "callback_secret": secret}
    response = world.client("zhao", headers={"accept-language": "en"}).post(page(world.show_key), facts)
    assert response.status_code == 200 and "Callbacks need both" in response.content.decode()
    assert known(world.show_secret).callback_secret == ""


def test_rejects_what_cannot_be(world: World) -> None:
    with pytest.raises(Refused, match="not known"):
        set_callback(key=world.show_key, source="nobody", secret=SECRET, actor=None, now=world.now)
    revoke_key(key=world.show_key, actor=None, now=world.now)
    with pytest.raises(Refused, match="no longer works"):
        set_callback(key=world.show_key, source="agora", secret=SECRET, actor=None, now=world.now)


def test_it_can_be_ended(world: World) -> None:
    set_callback(key=world.show_key, source="agora", secret=SECRET, actor=world.zhao, now=world.now)
    world.client("zhao").post(page(world.show_key), {"callback_source": "", "callback_secret": ""})
    assert (known(world.show_secret).callback_source, known(world.show_secret).callback_secret) == ("", "")


def test_it_can_be_set_when_the_key_is_issued(world: World) -> None:
    facts = {"app": world.show_app.ref, "label": "callbacks", "user_hash": "on"}
    callback = {"callback_source": "volc-live", "callback_secret": SECRET}
    address = reverse("accounts:key_new", args=[world.show.ref])
    response = world.client("developer").post(address, {**facts, **callback})
    assert response.status_code == 200 and SECRET not in response.content.decode()
    key = IngestKey.objects.get(label="callbacks")
    assert (key.callback_source, key.callback_secret) == ("volc-live", SECRET)
    assert Entry.objects.get(action="key.issue", subject=key.ref).detail["callbacks"] == "volc-live"


def test_a_rotated_key_takes_it_along(world: World) -> None:
    issued = issue_app_key(
        app=world.show_app,
        label="callbacks",
        callback_source="agora",
        callback_secret=SECRET,
        actor=None,
        now=world.now,
    )
    successor = rotate_key(key=issued.key, overlap_h=1, actor=None, now=world.now)
    assert known(successor.secret).callback_secret == SECRET


def test_it_is_told_in_chinese_too(world: World) -> None:
    set_callback(key=world.show_key, source="tencent-live", secret=SECRET, actor=world.zhao, now=world.now)
    world.ada.language = "zh-hans"  # a person's own language wins over the browser's
    world.ada.save(update_fields=["language"])
    html = world.client("ada").get(page(world.show_key)).content.decode()
    assert "厂商回调验签" in html and "已设置腾讯云直播的回调签名密钥" in html
