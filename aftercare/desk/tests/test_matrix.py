"""A Matrix room as a service group: what the homeserver pushes becomes messages, tickets, files, edits, once each."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.clocks.models import Clock
from aftercare.desk import actions
from aftercare.desk.engine import process_due
from aftercare.desk.files import path_of
from aftercare.desk.models import Attachment, Emergency, Group, Inbound, InboundState, Message, MessageChange, Ticket
from aftercare.kernel.clock import utc_now
from aftercare.notify.engine.sender import Sender
from aftercare.notify.envelope import sealed
from aftercare.notify.models import Account, Channel, Delivery
from aftercare.notify.tests.homeserver import AS_TOKEN, HS_TOKEN, Double
from tests.world import World

WANG = "@wang:customer.example"


class Room:
    """One group of Starlight's in a room, and the homeserver that pushes its events."""

    def __init__(self, world: World, double: Double) -> None:
        self.world, self.double, self.pushed = world, double, 0
        secrets = sealed({"as_token": AS_TOKEN, "hs_token": HS_TOKEN})
        self.account = Account.objects.create(
            channel=Channel.MATRIX, name="Matrix", config=double.config, secrets=secrets, created_at=world.now
        )
        self.group = Group.objects.create(
            customer=world.show, account=self.account, chat_id=double.room, name="Starlight", expert=world.eng,
            language="en", created_at=world.now, updated_at=world.now,
        )  # fmt: skip

    def push(self, *events: Any, token: str = HS_TOKEN, txn: str = "") -> int:
        """One transaction; then the engine works. Returns the status."""
        self.pushed += 1
        answer = Client().put(
            f"/_matrix/app/v1/transactions/{txn or self.pushed}", json.dumps({"events": list(events)}),
            content_type="application/json", headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        process_due(utc_now() + timedelta(seconds=1))
        return answer.status_code

    def event(self, event_id: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A room event of Wang's."""
        at = int(utc_now().timestamp() * 1000) - 10_000
        return {
            "event_id": event_id, "room_id": self.double.room, "sender": WANG, "type": "m.room.message",
            "origin_server_ts": at, "content": content, **more,
        }  # fmt: skip

    def text(self, event_id: str, body: str, **content: Any) -> dict[str, Any]:
        """Words of Wang's."""
        return self.event(event_id, {"msgtype": "m.text", "body": body, **content})


@pytest.fixture
def room(world: World, homeserver: Double) -> Iterator[Room]:
    yield Room(world, homeserver)


def answers(event_id: str) -> dict[str, Any]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event_id}}}


def test_words_come_in_once_and_start_the_clock(room: Room) -> None:
    event = room.text("$1", "推流断了")
    assert room.push(event) == room.push(event, txn="1") == 200
    message = Message.objects.get()
    assert (message.body, message.side, message.speaker_name) == ("推流断了", "customer", "wang")
    assert Clock.objects.get().subject_ref == room.group.ref
    assert not Delivery.objects.filter(channel="matrix").exists()


def test_the_answer_goes_out_in_its_speakers_name_and_is_not_heard_again(room: Room) -> None:
    room.push(room.text("$1", "推流断了"))
    actions.post_in_group(group=room.group, speaker=room.world.eng, body="在看", now=utc_now())
    sender = Sender()
    sender.process_due(utc_now())
    sender.close(2)
    ((user, said),) = room.double.said
    assert (user, said["body"]) == (f"@ac_{room.world.eng.ref}:hs.example", "在看")
    room.push(room.event("$event1", said, sender=user))
    assert Message.objects.count() == 2


@pytest.mark.parametrize("token", ["", "wrong", AS_TOKEN])
def test_nobody_else_is_heard(room: Room, token: str) -> None:
    assert room.push(room.text("$1", "x"), token=token) == 403
    assert Client().put("/_matrix/app/v1/transactions/1", "{}", content_type="application/json").status_code == 403
    assert not Inbound.objects.exists()


def test_a_room_that_is_no_group_leaves_nothing(room: Room) -> None:
    assert room.push({**room.text("$1", "x"), "room_id": "!private:hs.example"}) == 200
    assert not Inbound.objects.exists()


def test_another_accounts_homeserver_cannot_speak_in_our_room(room: Room) -> None:
    secrets = sealed({"as_token": "a", "hs_token": "others"})
    Account.objects.create(
        channel=Channel.MATRIX, name="Other", config=room.double.config, secrets=secrets, created_at=room.world.now
    )
    assert room.push(room.text("$1", "x"), token="others") == 200
    assert not Inbound.objects.exists()


def test_a_reaction_makes_a_ticket_and_replies_go_into_it(room: Room) -> None:
    room.push(room.text("$1", "推流断了\n从 20:01 起"))
    relation = {"rel_type": "m.annotation", "event_id": "$1", "key": "🎫"}
    reaction = room.event("$2", {"m.relates_to": relation}, type="m.reaction")
    room.push(reaction, {**reaction, "event_id": "$3"})
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.group, ticket.messages.get().body) == ("推流断了", room.group, "推流断了\n从 20:01 起")

    actions.reply(ticket=ticket, author=room.world.agent, body="已切换", now=utc_now())
    for seconds in range(3):  # of one chat's words one goes at a time
        sender = Sender()
        sender.process_due(utc_now() + timedelta(seconds=10 * seconds))
        sender.close(2)
    [answer] = [number for number, (_user, said) in enumerate(room.double.said, 1) if "已切换" in said["body"]]
    assert room.double.said[answer - 1][1]["m.relates_to"] == {"m.in_reply_to": {"event_id": "$1"}}

    room.push(room.text("$4", "> <@ac_x:hs.example> 已切换\n\n好了", **answers(f"$event{answer}")))
    assert [m.body for m in ticket.messages.order_by("pk")] == ["推流断了\n从 20:01 起", "已切换", "好了"]
    assert Message.objects.get(provider_message_id="$4").group == room.group

    room.push(room.text("$5", "另一件事"))
    assert Message.objects.get(provider_message_id="$5").ticket is None


def test_a_command_makes_a_ticket(room: Room) -> None:
    room.push(room.text("$1", "!ticket 连麦没声音"))
    assert Ticket.objects.get().title == "连麦没声音"
    room.push(room.text("$2", "卡顿"), room.text("$3", "/工单", **answers("$2")))
    assert sorted(Ticket.objects.values_list("title", flat=True)) == ["卡顿", "连麦没声音"]
    said = Message.objects.filter(group=room.group, side="system").order_by("pk")[0]
    assert "#1" in said.body and "连麦没声音" in said.body, "the group is told, as by every vendor"


@pytest.mark.parametrize("how", ["command", "reaction"])
def test_the_green_channel_is_called_from_the_room(room: Room, how: str) -> None:
    room.push(room.text("$1", "!绿色通道 推流全断" if how == "command" else "推流全断"))
    if how == "reaction":
        relation = {"rel_type": "m.annotation", "event_id": "$1", "key": "🚨"}
        room.push(room.event("$2", {"m.relates_to": relation}, type="m.reaction"))
    emergency = Emergency.objects.get()
    assert (emergency.ticket.title, emergency.ticket.group) == ("推流全断", room.group)


def test_edits_and_what_is_taken_back_keep_the_former_words(room: Room) -> None:
    room.push(room.text("$1", "推流断乐"))
    replaced = {"m.new_content": {"msgtype": "m.text", "body": "推流断了"}}
    relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}}
    room.push(room.event("$2", {"msgtype": "m.text", "body": "* x", **replaced, **relation}))
    assert Message.objects.get().body == "推流断了"
    room.push(room.event("$3", {"body": "forged", **replaced, **relation}, sender="@eve:customer.example"))
    assert MessageChange.objects.count() == 1
    room.push(room.event("$4", {}, type="m.room.redaction", redacts="$1"))
    assert [c.former for c in MessageChange.objects.order_by("pk")] == ["推流断乐", "推流断了"]
    assert "taken back" in Message.objects.get().body


def test_a_file_is_shown_at_once_and_fetched_after(room: Room) -> None:
    room.double.media["hs.example/abc"] = b"%PDF-1.7 log"
    content = {"msgtype": "m.file", "body": "../../日志.pdf", "url": "mxc://hs.example/abc", "info": {"size": 12}}
    room.push(room.event("$1", content))
    file = Attachment.objects.get()
    assert (file.name, file.size, file.media_type, file.refused) == ("日志.pdf", 12, "application/pdf", "")
    assert path_of(file.sha256).read_bytes() == b"%PDF-1.7 log"


def test_a_file_that_is_gone_or_too_large_says_so(room: Room) -> None:
    content = {"msgtype": "m.image", "body": "a.png", "url": "mxc://hs.example/none", "info": {"size": 9}}
    room.push(room.event("$1", content), room.event("$2", {**content, "info": {"size": 10**9}}))
    for _ in range(8):
        Inbound.objects.filter(state=InboundState.PENDING).update(due_at=utc_now())
        process_due(utc_now() + timedelta(seconds=1))
    lost, large = Attachment.objects.order_by("pk")
    assert "does not hand" in lost.refused and "20 MB" in large.refused
    assert Message.objects.count() == 2


def test_an_encrypted_message_is_heard_as_one(room: Room) -> None:
    room.push(room.event("$1", {"algorithm": "m.megolm.v1.aes-sha2"}, type="m.room.encrypted"))
    assert "encrypted" in Message.objects.get().body
    assert Clock.objects.exists()


HOSTILE: list[Any] = [
    None,
    7,
    {"event_id": 5},
    {"event_id": "$x\x00", "type": "m.room.message"},
    {"event_id": "$\ud800", "type": "m.room.message"},
    {"event_id": "$y", "type": ["m.room.message"]},
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_deformed_events_hold_nobody(room: Room, number: int) -> None:
    bad = HOSTILE[number]
    event = {**room.text("$z", "x"), **bad} if isinstance(bad, dict) else bad
    assert room.push(event, room.text("$good", "好")) == 200
    assert Message.objects.filter(provider_message_id="$good").exists()


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.text", "body": ["x"]},
        {"msgtype": "m.text"},
        [],
        {"msgtype": "m.text", "body": "a\x00b\ud800", "n": float("nan")},
        {"msgtype": "m.text", "body": "卡" * 60_000},
        {"msgtype": "m.text", "body": "x", "m.relates_to": {"m.in_reply_to": {"event_id": {}}}},
        {"msgtype": "m.file", "body": "x", "url": "http://169.254.169.254/", "info": []},
    ],
)
def test_hostile_words_are_kept_or_refused_with_a_sentence(room: Room, content: Any) -> None:
    assert room.push(room.event("$1", content), room.text("$2", "好")) == 200
    assert {row.state for row in Inbound.objects.filter(kind="m.room.message")} <= {"done", "refused"}
    assert Message.objects.filter(provider_message_id="$2").exists()


def test_bodies_that_are_no_transaction(room: Room) -> None:
    headers = {"Authorization": f"Bearer {HS_TOKEN}"}
    for text in ("", "[]", "{}", "[" * 100_000, '{"events": 1}'):
        answer = Client().put("/_matrix/app/v1/transactions/9", text, content_type="application/json", headers=headers)
        assert answer.status_code == 400


def test_our_own_user_goes_in_when_it_is_invited(room: Room) -> None:
    room.double.members.clear()
    room.double.invited.add("@aftercare:hs.example")
    invite = room.event("$1", {"membership": "invite"}, type="m.room.member", state_key="@aftercare:hs.example")
    room.push(invite)
    assert room.double.members == {"@aftercare:hs.example"}
    told = room.event("$2", {"membership": "join", "displayname": "王工"}, type="m.room.member", state_key=WANG)
    room.push(told, room.text("$3", "好"))
    assert Message.objects.get().speaker_name == "王工"


def test_admins_connect_a_homeserver_and_take_its_file(world: World) -> None:
    admin = world.client("ada")
    form = {"name": "HQ", "address": "https://matrix.starlight.example", "server_name": "starlight.example"}
    assert admin.post("/settings/matrix", form).status_code == 302
    account = Account.objects.get()
    text = admin.post(f"/settings/matrix/{account.ref}/registration").content.decode()
    assert 'sender_localpart: "aftercare"' in text and r'regex: "^@ac_.*:starlight\\.example$"' in text
    assert "HQ" in admin.get("/settings/matrix").content.decode()
    assert admin.post("/settings/matrix", {**form, "address": "ftp://x"}).status_code == 400
    for name, status in (("zhao", 404), ("agent", 403)):
        assert world.client(name).get("/settings/matrix").status_code == status
        assert world.client(name).post(f"/settings/matrix/{account.ref}/registration").status_code == status
