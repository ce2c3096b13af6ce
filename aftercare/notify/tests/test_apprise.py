"""The long tail by apprise: few services, by our own calls, their keys shown nowhere."""

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from aftercare.kernel.calls import Answer
from aftercare.kernel.errors import Refused
from aftercare.notify import actions
from aftercare.notify.adapters import apprise
from aftercare.notify.engine.sender import Sender
from aftercare.notify.models import ContactMethod, Delivery, State
from aftercare.notify.tests.receiver import Receiver
from tests.world import World

K32 = "a1b2c3d4" * 4
SAMPLES = {
    "bark": "bark://bark.example.com/devicekey123",
    "betterstack": "betterstack://token1234567890",
    "chanify": "chanify://token123",
    "discord": f"discord://{'1' * 18}/{'b' * 64}",
    "flock": f"flock://{'f' * 24}",
    "gchat": "gchat://workspace/key/token",
    "gotify": "gotify://gotify.example.com/AbCdEfGhIjKlMnO",
    "httpsms": "httpsms://key@12223334444/12223334445",
    "ifttt": "ifttt://webhookid@event",
    "ilert": "ilert://apikey123456",
    "incidentio": "incidentio://sourceid/token123",
    "join": f"join://{K32}",
    "lark": "lark://token-aaaa-bbbb",
    "line": "line://tokenabc==/Uabcdef",
    "mmost": "mmost://mm.example.com/3ccdd113474722377935511fc85d3dd4",
    "ntfy": "ntfy://ntfy.example.com/topic",
    "pagerduty": f"pagerduty://{K32}@{K32}",
    "pbul": f"pbul://{'c' * 32}",
    "pover": f"pover://{'u' * 30}@{'a' * 30}",
    "prowl": f"prowl://{'d' * 40}",
    "psafers": "psafers://privatekey1234567890",
    "pushdeer": "pushdeer://pushkey",
    "pushme": "pushme://token123",
    "pushplus": f"pushplus://{K32}",
    "pushy": "pushy://apikey/device",
    "ryver": "ryver://org/abcdefghijklmno",
    "schan": "schan://12345678abcdefgh",
    "signl4": "signl4://secretabc",
    "spike": f"spike://{K32}",
    "splunk": "splunk://route@12345678-aaaa-bbbb-cccc-1234567890ab",
    "spugpush": f"spugpush://{K32}",
    "squadcast": "squadcast://webhooktoken1234567890",
    "workflows": "workflows://flows.example.com:443/workflow1a/sig1a",
    "wxpusher": "wxpusher://AT_appToken1234/UID_abcdef",
    "zulip": f"zulip://bot@org/{'e' * 32}",
}


@pytest.mark.parametrize("scheme", sorted(apprise.SERVICES))
def test_each_service_sends_by_one_exchange_of_ours(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = scheme if scheme in SAMPLES else scheme.removesuffix("s")
    url = SAMPLES[plain].replace(f"{plain}://", f"{scheme}://", 1)
    asked: list[tuple[str, str]] = []

    def ask(method: str, url: str, *, body: bytes | None, headers: dict[str, str]) -> Answer:
        asked.append((method, url))
        return Answer(200, {}, b'{"success": true}')

    monkeypatch.setattr("aftercare.notify.adapters.apprise.ask", ask)
    apprise.heard.exchanges = []
    apprise.service_of(apprise.checked(url)).notify(title="T", body="B", body_format="text")
    assert [method for method, _url in asked] == ["POST"]
    assert not set(url.partition("://")[2].split("/")) & set(apprise.masked(url).split())


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "json://127.0.0.1/", "jsons://e.example/", "xml://e.example/", "form://e.example/", "file:///etc/passwd",
        "syslog://", "dbus://", "glib://", "gnome://", "macosx://", "windows://", "mailto://u:p@e.example", "exec://x",
        "apprise://e.example/token", "kodi://e.example", "mqtt://e.example/t", "ntfy://", "pover://x",
        "discord://" + "1" * 18 + "/" + "b" * 64 + "?template=/etc/passwd",
        "ntfy://ntfy.example.com/topic?attach=file:///etc/passwd", "ntfy://ntfy.example.com/one/two",
        "ntfy://ntfy.example.com/topic?priority=max;attach=/etc/passwd", "ntfy://ntfy.example.com/topic?%61ttach=/etc/x",
        "ntfy://ntfy.example.com/topic?retry=9", "ntfy://ntfy.example.com/topic?+X-Header=1", "ntfy://[::1/topic",
        "bark://bark.example.com/a/b", "ntfy://e.example/" + "x" * 1000,
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(world: World, url: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_contact(user=world.eng, channel="apprise", address=url, now=world.now)
    assert refused.value.sentence and not ContactMethod.objects.filter(channel="apprise").exists()


def test_customers_people_have_none(world: World) -> None:
    answer = world.client("zhao").post("/settings/contacts", {"channel": "apprise", "address": SAMPLES["pover"]})
    assert answer.status_code == 400 and not ContactMethod.objects.filter(channel="apprise").exists()
    assert "apprise-address" not in world.client("zhao").get("/settings/contacts").content.decode()


def send(world: World, contact: ContactMethod) -> Delivery:
    """A page to it, as far as one round of the engine brings it."""
    facts = {
        "kind": "page",
        "subject_ref": "inc-1",
        "title": "卡顿率 6.2% @everyone",
        "url_path": "/p/1",
        "body": "红线",
    }
    channel, address = contact.channel, contact.address
    row = actions.send(user=contact.user, contact=contact, channel=channel, address=address, now=world.now, **facts)
    sender = Sender()
    sender.process_due(world.now)
    while sender.flights:
        sender.process_due(world.now)
    sender.close(5)
    row.refresh_from_db()
    return row


def ntfy(world: World, receiver: Receiver) -> ContactMethod:
    """A topic on the receiver."""
    place = receiver.url.removeprefix("http://").removesuffix("/hook")
    url = f"ntfy://tk_verysecret@{place}/topic-of-lin?priority=max"
    return actions.add_contact(user=world.eng, channel="apprise", address=url, verified=True, now=world.now)


def test_it_works(world: World, receiver: Receiver) -> None:
    receiver.answer = lambda received: (200, {})
    row = send(world, ntfy(world, receiver))
    assert row.state == State.SENT, row.last_error
    came = receiver.take()
    assert came.headers["Authorization"] == "Bearer tk_verysecret"
    assert came.body["topic"] == "topic-of-lin" and came.headers["X-Priority"] == "max"
    assert "卡顿率 6.2%" in came.body["title"]
    assert "/p/1" in came.body["message"] and "@everyone" not in came.text


def test_the_key_stands_nowhere(world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answer = lambda received: (403, {})
    with caplog.at_level(logging.DEBUG):
        row = send(world, ntfy(world, receiver))
    receiver.take()
    assert row.state == State.FAILED and "refuses the key" in row.last_error
    contact = ContactMethod.objects.get(channel="apprise")
    kept = json.dumps([row.address, row.last_error, row.data, contact.address, contact.secret])
    client = world.client("eng")
    pages = "".join(client.get(path).content.decode() for path in ("/settings/contacts", "/notifications"))
    listed = client.get("/api/v1/contacts", headers={"accept": "application/json"}).content.decode()
    for text in (kept, pages, listed, caplog.text):
        assert "tk_verysecret" not in text and "topic-of-lin" not in text
    assert contact.address in pages


def test_a_form_that_was_refused_does_not_show_the_key_again(world: World) -> None:
    answer = world.client("eng").post("/settings/contacts", {"channel": "apprise", "address": "slack://tk_secret"})
    assert answer.status_code == 400 and "tk_secret" not in answer.content.decode()


def test_private_addresses_are_not_called(world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: False)
    row = send(world, ntfy(world, receiver))
    assert row.state == State.FAILED and "private network" in row.last_error
    assert not receiver.inbox


@pytest.mark.parametrize(
    ("status", "headers", "state"),
    [
        (302, {"Location": "http://169.254.169.254/"}, State.FAILED),
        (404, {}, State.FAILED),
        (429, {"Retry-After": "60"}, State.PENDING),
        (503, {}, State.PENDING),
    ],
)
def test_what_the_service_says(
    world: World, receiver: Receiver, status: int, headers: dict[str, Any], state: str
) -> None:
    receiver.answer = lambda received: (status, headers)
    assert send(world, ntfy(world, receiver)).state == state
    receiver.take()


def test_a_service_that_hangs_is_given_up(world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aftercare.notify.adapters.calling.TIMEOUT_S", 0.3)
    receiver.answer = receiver.hang
    assert send(world, ntfy(world, receiver)).last_error.startswith("No answer")
    receiver.release.set()
    receiver.take()


def test_an_address_sealed_elsewhere_fails_with_a_sentence(world: World, receiver: Receiver) -> None:
    contact = ntfy(world, receiver)
    contact.secret = "gAAAAA"
    contact.save()
    assert "can no longer be read" in send(world, contact).last_error


def test_the_library_is_not_loaded_at_start() -> None:
    code = "import django; django.setup(); import aftercare.urls, sys; sys.exit('apprise' in sys.modules)"
    env = {"DJANGO_SETTINGS_MODULE": "aftercare.settings", "AFTERCARE_DATA": "/tmp/apprise-not-loaded"}  # noqa: S108
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0
