"""Names and files are asked of the vendor after the words are shown, and tried again when it cannot say."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from aftercare.desk.engine import process_due
from aftercare.desk.files import path_of
from aftercare.desk.models import Attachment, Inbound, InboundState
from aftercare.desk.vendors import files
from aftercare.notify.clients.chats import Withheld, from_slack
from aftercare.notify.queries import credentials_of
from tests.vendors_of_chat.scene import Scene

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@pytest.mark.parametrize(("vendor", "name"), [("feishu", "王五"), ("slack", "Wang Wu")])
def test_a_person_without_a_name_is_looked_up_once(request: pytest.FixtureRequest, vendor: str, name: str) -> None:
    scene: Scene = request.getfixturevalue(vendor)
    scene.double.says(scene.client, scene.account, "推流断了")
    (message,) = scene.work()
    scene.work()
    message.contact.refresh_from_db()
    assert message.contact.name == name
    assert Inbound.objects.filter(kind="name").count() == 1


def test_a_person_whom_the_vendor_does_not_name_keeps_the_id(slack: Scene) -> None:
    slack.double.says(slack.client, slack.account, "hello", user="U404")
    (message,) = slack.work()
    process_due(timezone.now())
    message.contact.refresh_from_db()
    assert message.contact.name == "U404"
    assert Inbound.objects.get(kind="name").state == InboundState.IGNORED


def send_file(scene: Scene) -> None:
    """Somebody sends a file, which the vendor has."""
    double, client, account = scene.double, scene.client, scene.account
    if account.channel == "feishu":
        double.files["om_q1/file_1"] = PNG
        content = json.dumps({"file_key": "file_1", "file_name": "日志.log"})
        double.says(client, account, "", fields={"message_type": "file", "content": content})
    elif account.channel == "slack":
        double.files["/files-pri/T1-F1/trace.har"] = PNG
        url = "https://files.slack.com/files-pri/T1-F1/trace.har"
        file = {"id": "F1", "name": "trace.har", "mimetype": "text/plain", "size": len(PNG), "url_private": url}
        double.says(client, account, "look", fields={"subtype": "file_share", "files": [file]})
    else:
        double.files["large"] = PNG
        photos = [{"file_id": "small", "file_size": 5}, {"file_id": "large", "file_size": len(PNG)}]
        double.says(client, account, "", fields={"photo": photos, "caption": "黑屏"})


@pytest.mark.parametrize("scene", ["feishu", "slack", "telegram"], indirect=True)
def test_a_file_is_fetched_after_its_words(scene: Scene) -> None:
    send_file(scene)
    scene.work()
    process_due(timezone.now())
    file = Attachment.objects.get()
    assert (file.refused, file.size, file.media_type) == ("", len(PNG), "image/png"), "its type is by its bytes"
    assert path_of(file.sha256).read_bytes() == PNG
    assert file.message in scene.group.messages.all()


@pytest.mark.parametrize("scene", ["feishu", "slack", "telegram"], indirect=True)
def test_a_file_that_is_gone_says_so_and_the_words_stay(scene: Scene) -> None:
    send_file(scene)
    scene.double.files.clear()
    scene.work()
    process_due(timezone.now())
    assert Attachment.objects.get().refused == files.LOST
    assert scene.group.messages.count() == 1


def test_a_file_is_tried_again_while_the_vendor_is_away(telegram: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    send_file(telegram)
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: False)
    telegram.work()
    process_due(timezone.now())
    assert Attachment.objects.get().refused == files.FETCHING
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: True)
    process_due(timezone.now() + timedelta(minutes=1))
    assert Attachment.objects.get().refused == ""


def test_a_file_that_is_too_large_is_not_fetched(telegram: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.desk.vendors.chats.MOST_BYTES", 50)
    send_file(telegram)
    telegram.work()
    assert not Inbound.objects.filter(kind="file").exists()
    assert Attachment.objects.get().refused.startswith("This file is in the group's chat")


def test_our_token_goes_to_slack_alone(slack: Scene) -> None:
    account = credentials_of(slack.account)
    for url in (
        "https://evil.example/x",
        "http://files.slack.com/x",
        "https://slack.com.evil.example/x",
        "https://evilslack.com/",
    ):
        with pytest.raises(Withheld):
            from_slack(account, url, 100)
