"""A service group in a room of a real Synapse: both ways, and kill -9 between the homeserver's yes and our commit."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.service import ROOT, Service
from tests.synapse import SERVER_NAME, Person, Proxy, Synapse, installed, proxied

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

BESIDE = """
import json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
from aftercare.accounts.models import Customer, User
from aftercare.desk import actions
from aftercare.desk.actions.homeservers import add_homeserver, registration_of
from aftercare.desk.models import Attachment, Group, Message, Ticket
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account, Delivery
now, what, words = utc_now(), sys.argv[1], sys.argv[2:]
ada, lin = (User.objects.get(email=f"{name}@provider.example") for name in ("ada", "lin"))
if what == "connect":
    account = add_homeserver(name="hs", address=words[0], server_name=words[1], actor=ada, now=now)
    told = registration_of(account=account, actor=ada, now=now)
elif what == "group":
    show = Customer.objects.get(name="Starlight Show")
    group = Group(customer=show, account=Account.objects.get(), chat_id=words[0], name="Starlight", expert=lin)
    told = actions.save_group(group=group, actor=ada, now=now).ref
elif what == "say":
    told = actions.post_in_group(group=Group.objects.get(), speaker=lin, body=words[0], now=now).ref
elif what == "answer":
    told = actions.reply(ticket=Ticket.objects.get(), author=lin, body=words[0], now=now).ref
else:
    told = {
        "said": [[m.body, m.side, m.ticket_id is not None] for m in Message.objects.order_by("pk")],
        "files": [[f.name, f.size, f.refused] for f in Attachment.objects.all()],
        "sent": [[d.state, d.repeat] for d in Delivery.objects.filter(channel="matrix").order_by("pk")],
        "tickets": Ticket.objects.count(),
    }
print(json.dumps(told))
"""


def beside(service: Service, *words: str) -> Any:
    """A program beside the server, with its settings."""
    command = [sys.executable, "-c", BESIDE, *words]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def until(ask: Callable[[], Any], holds: Callable[[Any], bool], wait_s: float = 60) -> Any:
    """What `ask` gives once it holds."""
    ends = time.monotonic() + wait_s
    while not holds(got := ask()):
        assert time.monotonic() < ends, got
        time.sleep(0.3)
    return got


@pytest.fixture
def running() -> Iterator[tuple[Service, Person, str, Proxy]]:
    """Our server, Wang on Synapse, their room that is a group of ours, and the proxy between."""
    installed()
    with tempfile.TemporaryDirectory(prefix="aftercare-matrix-") as place, proxied() as proxy:
        service = Service(Path(place) / "data")
        service.start(wait_s=180)
        service.seed()
        registration = beside(service, "connect", f"http://127.0.0.1:{proxy.port}", SERVER_NAME)
        synapse = Synapse(Path(place) / "synapse", registration)
        proxy.behind = synapse.port
        wang = synapse.person("wang")
        room = wang.ask("POST", "createRoom", {"preset": "private_chat", "name": "Starlight"})["room_id"]
        beside(service, "group", room)
        wang.ask("POST", f"rooms/{quote(room)}/invite", {"user_id": f"@aftercare:{SERVER_NAME}"})
        members = f"rooms/{quote(room)}/joined_members"
        until(lambda: wang.ask("GET", members)["joined"], lambda joined: f"@aftercare:{SERVER_NAME}" in joined)
        yield service, wang, room, proxy
        synapse.stop()
        service.stop()


def test_both_ways_and_a_kill_between_yes_and_commit(running: tuple[Service, Person, str, Proxy]) -> None:
    service, wang, room, proxy = running
    question = wang.send(room, {"msgtype": "m.text", "body": "推流断了"})
    until(lambda: beside(service, "told")["said"], lambda said: said == [["推流断了", "customer", False]])

    beside(service, "say", "在看")
    (answer,) = until(lambda: wang.messages(room)[1:], lambda said: len(said) == 1)
    assert answer["content"]["body"] == "在看" and answer["sender"].startswith("@ac_")
    assert wang.ask("GET", f"profile/{quote(answer['sender'])}")["displayname"] == "Lin"

    relation = {"rel_type": "m.annotation", "event_id": question, "key": "🎫"}
    wang.send(room, {"m.relates_to": relation}, kind="m.reaction")
    until(lambda: beside(service, "told")["tickets"], lambda count: count == 1)
    beside(service, "answer", "已切换边缘节点")
    (solved,) = until(lambda: saying(wang.messages(room), "已切换边缘节点"), lambda found: len(found) == 1)
    assert solved["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == question
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": solved["event_id"]}}}
    wang.send(room, {"msgtype": "m.text", "body": "好了", **reply})
    wang.send(room, {"msgtype": "m.file", "body": "log.txt", "url": wang.upload(b"x" * 1000), "info": {"size": 1000}})
    until(lambda: beside(service, "told")["files"], lambda files: files == [["log.txt", 1000, ""]])
    theirs = [one for one in beside(service, "told")["said"] if one[1] == "customer"]
    assert theirs[1:] == [["好了", "customer", True], ["log.txt", "customer", False]]
    edit = {"m.new_content": {"msgtype": "m.text", "body": "推流断了三次"}}
    wang.send(
        room,
        {"msgtype": "m.text", "body": "*", **edit, "m.relates_to": {"rel_type": "m.replace", "event_id": question}},
    )
    until(lambda: beside(service, "told")["said"], lambda said: said[0][0] == "推流断了三次")

    proxy.stalls = True
    beside(service, "say", "只说一次")
    assert proxy.stalled.wait(20)
    service.kill()
    proxy.stalls = False
    proxy.release.set()
    assert is_gone(service)
    service.environment["AFTERCARE_CLOCK_OFFSET_S"] = "60"
    service.start()
    until(lambda: beside(service, "told")["sent"], lambda sent: sent[-1] == ["sent", True])
    said = [message["content"]["body"] for message in wang.messages(room)]
    assert [body for body in said if "只说一次" in body] == ["只说一次"]

    wang.send(room, {"msgtype": "m.text", "body": "重启后"})
    until(lambda: beside(service, "told")["said"], lambda said: said[-1][0] == "重启后")


def saying(messages: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """Those of the messages that say just this."""
    return [message for message in messages if message["content"].get("body") == words]


def is_gone(service: Service) -> bool:
    """Whether the killed server is really gone."""
    try:
        service.request("GET", "/v1/samples.schema.json")
    except OSError:
        return True
    return False
