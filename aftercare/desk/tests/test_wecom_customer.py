"""A WeCom customer group: in by the archive with consent, out by a colleague's hand, seen in the archive, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.clocks.models import Clock, ClockState
from aftercare.desk import actions
from aftercare.desk.actions.prepared import open_prepared
from aftercare.desk.engine import keep_house, process_due
from aftercare.desk.models import (
    ArchiveConsent,
    Attachment,
    Group,
    Inbound,
    Message,
    PreparedReply,
    PreparedState,
    PullCursor,
    Ticket,
)
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.envelope import sealed
from aftercare.notify.models import Account, Channel, Delivery
from aftercare.notify.tests.wecom import LI, ROOM, WANG, Wecom, pem_of
from tests.world import World


class Archive:
    """Starlight's customer group and the archive it is heard by."""

    def __init__(self, world: World, wecom: Wecom) -> None:
        self.world, self.wecom, self.now = world, wecom, utc_now()
        self.account = Account.objects.create(
            channel=Channel.WECOM_CUSTOMER, name="WeCom", config=wecom.config, secrets=sealed(wecom.secrets),
            created_at=world.now,
        )  # fmt: skip
        self.group = Group.objects.create(
            customer=world.show, account=self.account, chat_id=ROOM, name="Starlight", expert=world.eng,
            language="en", created_at=world.now, updated_at=world.now,
        )  # fmt: skip
        wecom.agreements = {WANG: "Agree", LI: "Disagree"}

    def say(self, msgid: str, sender: str = WANG, *, at: datetime | None = None, **kind: Any) -> None:
        """Something said in the group, and pulled. `text="…"`, or a kind with its fields."""
        (name, value), *_ = kind.items()
        said = {"msgtype": name, name: {"content": value} if isinstance(value, str) else value}
        moment = int((at or self.now).timestamp() * 1000)
        self.wecom.archive(
            {"msgid": msgid, "action": "send", "from": sender, "tolist": ["lin"], "roomid": ROOM, "msgtime": moment}
            | said
        )
        self.work()

    def work(self) -> None:
        """The engine, five seconds later."""
        self.now += timedelta(seconds=6)
        process_due(self.now)
        keep_house(self.now)


@pytest.fixture
def archive(world: World, wecom: Wecom) -> Archive:
    return Archive(world, wecom)


def test_words_come_in_once_with_consent_and_start_the_clock(archive: Archive) -> None:
    archive.say("m1", text="推流断了")
    message = Message.objects.get()
    assert (message.body, message.side, message.group, message.provider_message_id) == (
        "推流断了", "customer", archive.group, "m1",
    )  # fmt: skip
    assert Clock.objects.get(kind="group_reply").state == ClockState.RUNNING
    consent = ArchiveConsent.objects.get(external_id=WANG)
    assert (consent.agreed, consent.how, consent.chat_id) == (True, "vendor", ROOM)
    PullCursor.objects.update(position="0")  # the archive is read from the start again
    archive.work()
    assert Message.objects.count() == 1
    assert "tolist" not in Inbound.objects.get(kind="message").payload


def test_people_have_names_where_wecom_tells_them(archive: Archive) -> None:
    archive.wecom.agreements[LI] = "Agree"
    archive.say("m1", text="推流断了")
    assert Message.objects.get().contact.name == "王工"
    archive.wecom.fail["externalcontact/groupchat/get"] = [{"errcode": 48002, "errmsg": "api forbidden"}]
    archive.say("m2", LI, text="在吗")
    assert Message.objects.get(provider_message_id="m2").contact.name == LI
    assert "names" in Inbound.objects.get(kind="names", state="refused").last_error


def test_nothing_is_kept_of_somebody_who_has_not_agreed(archive: Archive) -> None:
    archive.say("m1", LI, text="秘密")
    archive.say("m2", "wmUNKNOWNUNKNOWNUNKNOWNUNKNOWN", text="秘密")
    assert not Message.objects.exists() and not Inbound.objects.exists()
    assert PullCursor.objects.get().withheld == 2
    archive.say("m3", LI, agree={"userid": LI, "agree_time": int(archive.now.timestamp() * 1000)})
    archive.say("m4", LI, text="现在可以")
    assert [m.body for m in Message.objects.all()] == ["现在可以"]
    archive.say("m5", LI, disagree={"userid": LI, "disagree_time": int(archive.now.timestamp() * 1000)})
    archive.say("m6", LI, text="又不可以")
    assert Message.objects.count() == 1
    assert ArchiveConsent.objects.get(external_id=LI).how == "message"


def test_a_chat_that_is_no_group_leaves_nothing(archive: Archive) -> None:
    archive.wecom.archive(
        {
            "msgid": "p1",
            "action": "send",
            "from": WANG,
            "roomid": "wrOther",
            "msgtype": "text",
            "text": {"content": "x"},
        }
    )
    archive.wecom.archive(
        {"msgid": "p2", "action": "send", "from": WANG, "roomid": "", "msgtype": "text", "text": {"content": "x"}}
    )
    archive.work()
    assert not Inbound.objects.exists()
    assert PullCursor.objects.get().position == "2"


def test_a_missing_key_waits_and_loses_nothing(archive: Archive) -> None:
    archive.wecom.archive(
        {"msgid": "m1", "action": "send", "from": WANG, "roomid": ROOM, "msgtype": "text", "text": {"content": "新钥"}},
        version=2,
    )
    archive.work()
    cursor = PullCursor.objects.get()
    assert cursor.position == "" and cursor.last_error.endswith(": 2")
    archive.account.secrets = sealed(archive.wecom.secrets | {"private_key_2": pem_of(2)})
    archive.account.save()
    archive.now += timedelta(minutes=1)
    archive.work()
    assert Message.objects.get().body == "新钥"


def test_a_row_that_cannot_be_opened_holds_nobody(archive: Archive) -> None:
    archive.wecom.archive({"msgid": "bad"})["encrypt_random_key"] = "AAAA"
    archive.say("m2", text="好")
    assert Message.objects.get().body == "好"


def test_a_bridge_that_is_down_is_asked_later(archive: Archive) -> None:
    archive.wecom.fail["bridge/chatdata"] = [{"errcode": 10001, "errmsg": "network"}]
    archive.say("m1", text="推流断了")
    cursor = PullCursor.objects.get()
    assert (cursor.failures, Message.objects.count()) == (1, 0) and "10001" in cursor.last_error
    archive.now += timedelta(minutes=1)
    archive.work()
    assert Message.objects.count() == 1 and PullCursor.objects.get().failures == 0


def test_the_reply_is_prepared_and_the_clock_runs_until_the_group_has_heard_it(archive: Archive) -> None:
    archive.say("m1", text="推流断了")
    message = actions.post_in_group(
        group=archive.group, speaker=archive.world.eng, body="在看\n请稍候", now=archive.now
    )
    prepared = PreparedReply.objects.get(message=message)
    assert prepared.state == PreparedState.PREPARED
    assert not Delivery.objects.filter(channel=Channel.WECOM_CUSTOMER).exists()
    assert Clock.objects.get(kind="group_reply").state == ClockState.RUNNING

    ticket = actions.open_ticket(
        customer_id=archive.group.customer_id, app_id=None, title="推流断了", severity="P2", body="",
        opened_by=None, group=archive.group, way="group", first=Message.objects.get(provider_message_id="m1"),
        now=archive.now,
    )  # fmt: skip
    Message.objects.filter(pk=message.pk).update(ticket=ticket)
    page = archive.world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "waits in the sidebar" in page and "you press send there" in page

    open_prepared(prepared=prepared, user=archive.world.eng, now=archive.now)
    assert Clock.objects.get(kind="group_reply").state == ClockState.RUNNING
    archive.say("m2", "LinWei", text="在看\r\n请稍候 ")
    assert Message.objects.count() == 2, "the sent words are the prepared ones"
    message.refresh_from_db()
    prepared.refresh_from_db()
    assert (message.provider_message_id, prepared.state) == ("m2", PreparedState.SEEN)
    assert Clock.objects.get(kind="group_reply").state == ClockState.STOPPED
    with pytest.raises(Refused):
        open_prepared(prepared=prepared, user=archive.world.eng, now=archive.now)


def test_what_a_customer_writes_in_the_console_is_no_reply_to_send(archive: Archive) -> None:
    actions.post_in_group(group=archive.group, speaker=archive.world.zhao, body="还在卡", now=archive.now)
    assert not PreparedReply.objects.exists()


def test_the_same_words_twice_are_two_messages(archive: Archive) -> None:
    actions.post_in_group(group=archive.group, speaker=archive.world.eng, body="好的", now=archive.now)
    archive.say("m1", "LinWei", text="好的")
    archive.say("m2", "LinWei", text="好的")
    assert Message.objects.count() == 2
    assert PreparedReply.objects.get().state == PreparedState.SEEN


def test_a_customer_who_says_the_prepared_words_confirms_nothing(archive: Archive) -> None:
    actions.post_in_group(group=archive.group, speaker=archive.world.eng, body="好的", now=archive.now)
    archive.say("m1", text="好的")
    assert Message.objects.count() == 2
    assert PreparedReply.objects.get().state == PreparedState.PREPARED
    assert Clock.objects.get(kind="group_reply").state == ClockState.RUNNING


def test_a_colleague_who_types_in_wecom_stops_the_clock(archive: Archive) -> None:
    archive.say("m1", text="推流断了")
    archive.say("m2", "LinWei", text="看到了")
    assert Message.objects.get(provider_message_id="m2").side == "provider"
    assert Clock.objects.get(kind="group_reply").state == ClockState.STOPPED


def test_a_reply_that_nobody_sends_is_given_up_and_its_author_told(archive: Archive) -> None:
    actions.post_in_group(group=archive.group, speaker=archive.world.eng, body="好的", now=archive.now)
    archive.now += timedelta(days=1)
    archive.work()
    assert PreparedReply.objects.get().state == PreparedState.EXPIRED
    assert Delivery.objects.get(kind="group.unsent").user == archive.world.eng


def test_kinds(archive: Archive) -> None:
    archive.wecom.media = {"sdk1": b"\x89PNG\r\n\x1a\n...", "sdk2": b"PK\x03\x04zip"}
    archive.say("m1", image={"sdkfileid": "sdk1", "filesize": 11, "md5sum": "x"})
    archive.say("m2", file={"sdkfileid": "sdk2", "filename": "../日志.zip", "filesize": 7})
    item = [
        {"type": "text", "content": '{"content":"看图"}'},
        {"type": "image", "content": '{"sdkfileid":"sdk1","filesize":11}'},
        {"type": "image", "content": "not json"},
    ]
    archive.say("m3", mixed={"item": item})
    archive.say("m4", sphfeed={"feed_type": 4})
    archive.say("m5", text="!ticket 卡顿")
    archive.say("m6", revoke={"pre_msgid": "m5"})
    archive.work()
    bodies = [m.body for m in Message.objects.order_by("pk")]
    assert bodies[0] == "[picture]" and bodies[1] == "[file] 日志.zip" and bodies[2] == "看图\n[picture]"
    assert "sphfeed" in bodies[3] and "taken back" in bodies[4]
    assert Ticket.objects.get().title == "卡顿"
    files = [(f.name, f.media_type, f.refused) for f in Attachment.objects.order_by("pk")]
    assert files == [
        ("image.jpg", "image/png", ""), ("日志.zip", "application/zip", ""), ("image.jpg", "image/png", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kind", [{"text": {"content": ["x"]}}, {"text": []}, {"mixed": {"item": {}}}, {"file": {"sdkfileid": {}}}]
)
def test_deformed_messages_hold_nobody(archive: Archive, kind: dict[str, Any]) -> None:
    archive.say("m1", **kind)
    archive.say("m2", text="好")
    assert Message.objects.filter(provider_message_id="m2").exists()
    assert not Inbound.objects.filter(state="pending", kind="message").exists()
