"""Admins set WeCom up on a page: secrets are checked, kept sealed, and never shown."""

from aftercare.desk.engine import process_due
from aftercare.kernel.clock import utc_now
from aftercare.notify.envelope import credentials_of
from aftercare.notify.models import Account
from aftercare.notify.tests.wecom import AES_KEY, CORP, KF, Wecom, pem_of
from tests.world import World


def groups_form(wecom: Wecom) -> dict[str, str]:
    config, secrets = wecom.config, wecom.secrets
    return {
        "channel": "wecom_customer", "name": "Our WeCom", "key_version": "1", "private_key": pem_of(1),
        **{key: config[key] for key in ("corp_id", "agent_id", "bridge")},
        **{key: secrets[key] for key in ("secret", "archive_secret", "bridge_token")},
    }  # fmt: skip


def test_customer_groups(world: World, wecom: Wecom) -> None:
    admin = world.client("ada")
    assert admin.post("/settings/wecom", groups_form(wecom)).status_code == 302
    account = Account.objects.get()
    process_due(utc_now())
    text = admin.get("/settings/wecom").content.decode()
    assert f"/wecom/{account.ref}/sidebar" in text and "Our WeCom" in text
    page = admin.get(f"/settings/wecom/{account.ref}").content.decode()
    for secret in (*wecom.secrets.values(), "PRIVATE KEY-----\nM"):
        assert secret not in text + page and secret not in account.secrets
    changed = {"name": "New name", **{key: wecom.config[key] for key in ("corp_id", "agent_id", "bridge")}}
    more = {**changed, "key_version": "2", "private_key": pem_of(2)}
    assert admin.post(f"/settings/wecom/{account.ref}", more).status_code == 302
    account.refresh_from_db()
    kept = credentials_of(account).secrets
    assert kept["private_key_1"] == pem_of(1) and kept["private_key_2"] == pem_of(2)
    assert (account.name, kept["secret"]) == ("New name", "app-secret")


def test_customer_service(world: World) -> None:
    admin = world.client("ada")
    form = {
        "channel": "wecom_kf", "name": "KF", "corp_id": CORP, "open_kfid": KF, "customer": world.show.ref,
        "secret": "s", "callback_token": "t", "aes_key": AES_KEY,
    }  # fmt: skip
    for wrong in ({"aes_key": "short"}, {"customer": "zzzz"}, {"secret": ""}, {"name": ""}):
        assert admin.post("/settings/wecom", form | wrong).status_code == 400
    assert admin.post("/settings/wecom", form).status_code == 302
    assert f"/wecom/{Account.objects.get().ref}/callback" in admin.get("/settings/wecom").content.decode()


def test_what_is_no_key_and_no_bridge(world: World, wecom: Wecom) -> None:
    admin = world.client("ada")
    form = groups_form(wecom)
    for wrong in ({"private_key": "x"}, {"key_version": "v1"}, {"bridge": "file:///etc/passwd"}, {"private_key": ""}):
        assert admin.post("/settings/wecom", form | wrong).status_code == 400
    assert not Account.objects.exists()


def test_nobody_else(world: World) -> None:
    for name, status in (("zhao", 404), ("agent", 403)):
        assert world.client(name).get("/settings/wecom").status_code == status
        assert world.client(name).post("/settings/wecom", {}).status_code == status
