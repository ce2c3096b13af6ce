"""Accounts with vendors: secrets go in and never come out, an import lets nothing out, a test tells its end."""

import json
from typing import Any

import pytest

from aftercare.audit.models import Entry
from aftercare.notify.envelope import credentials_of
from aftercare.notify.models import Account, Delivery
from tests.world import World

SECRET = "s3cr3t-of-the-app"
SENT = {"name": "Feishu app", "enabled": "on", "config_app_id": "cli_1", "secret_app_secret": SECRET}


def made(world: World, **more: str) -> Account:
    assert world.client("mei").post("/settings/accounts/new?channel=feishu", SENT | more).status_code == 302
    return Account.objects.get()


def test_secrets_are_sealed_and_shown_nowhere(world: World) -> None:
    account = made(world, more="base_url = https://open.larksuite.com", more_secrets="robot_key:oc_1 = k-1")
    assert SECRET not in account.secrets and "k-1" not in account.secrets
    opened = credentials_of(account)
    assert opened.secrets == {"app_secret": SECRET, "robot_key:oc_1": "k-1"}
    assert opened.config == {"app_id": "cli_1", "base_url": "https://open.larksuite.com"}
    client = world.client("mei")
    for path in ("/settings/accounts", f"/settings/accounts/{account.ref}"):
        page = client.get(path).content.decode()
        assert SECRET not in page and "k-1" not in page
    assert "robot_key:oc_1" in page and "kept; leave empty to keep it" in page
    entry = Entry.objects.get(action="account.add")
    assert SECRET not in json.dumps(entry.detail)
    assert entry.detail["secrets_changed"] == ["app_secret", "robot_key:oc_1"]


def test_an_empty_field_keeps_and_an_empty_line_forgets(world: World) -> None:
    account = made(world, more_secrets="a = 1\nb = 2")
    change = {"name": "New name", "config_app_id": "cli_2", "secret_app_secret": "", "more_secrets": "a ="}
    assert world.client("mei").post(f"/settings/accounts/{account.ref}", change).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.enabled, account.channel) == ("New name", False, "feishu")
    assert credentials_of(account).secrets == {"app_secret": SECRET, "b": "2"}


def test_a_wrong_form_says_nothing_of_what_was_typed(world: World) -> None:
    answer = world.client("mei").post("/settings/accounts/new?channel=feishu", SENT | {"more_secrets": "no sign here"})
    assert answer.status_code == 400 and SECRET not in answer.content.decode()
    assert not Account.objects.exists()


def test_a_test_goes_out_by_the_account_and_its_end_is_shown(world: World) -> None:
    account, client = made(world), world.client("mei")
    path = f"/settings/accounts/{account.ref}/test"
    client.post(path, {"address": " oc_1 "})
    sent = Delivery.objects.get()
    assert (sent.account, sent.channel, sent.address, sent.kind) == (account, "feishu", "oc_1", "account.test")
    Delivery.objects.update(state="failed", last_error="40001: bad")
    assert "40001: bad" in client.get(f"/settings/accounts/{account.ref}").content.decode()
    client.post(path, {"address": ""})
    client.post(f"/settings/accounts/{account.ref}/quiet", {"quiet": "1"})
    client.post(path, {"address": "oc_1"})
    assert Delivery.objects.count() == 1
    account.refresh_from_db()
    assert account.quiet and "importing, nothing goes out" in client.get("/settings/accounts").content.decode()


def test_secrets_of_another_installation_are_said_and_replaced(world: World) -> None:
    account = made(world)
    Account.objects.update(secrets="gAAAAAnonsense")
    client, path = world.client("mei"), f"/settings/accounts/{account.ref}"
    assert "sealed by another installation" in client.get(path).content.decode()
    assert client.post(path, SENT).status_code == 302
    account.refresh_from_db()
    assert credentials_of(account).secrets == {"app_secret": SECRET}


@pytest.mark.parametrize("channel", ["", "push", "webhook", "nothing", "\x00"])
def test_a_vendor_that_needs_no_account_is_not_asked(world: World, channel: str) -> None:
    answer = world.client("mei").post(f"/settings/accounts/new?channel={channel}", SENT)
    assert answer["Location"] == "/settings/accounts" and not Account.objects.exists()


def test_who_may_not(world: World) -> None:
    account = made(world)
    paths: list[tuple[str, dict[str, Any]]] = [("", SENT), ("/test", {"address": "x"}), ("/quiet", {"quiet": "1"})]
    for name, status in (("eng", 403), ("agent", 403), ("zhao", 404), ("stranger", 404)):
        client = world.client(name)
        assert client.get("/settings/accounts").status_code == status
        for path, data in paths:
            assert client.post(f"/settings/accounts/{account.ref}{path}", data).status_code == status
