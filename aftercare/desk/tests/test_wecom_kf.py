"""WeCom customer service: a callback is checked, messages are pulled into a ticket once, and five are the limit."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.desk import actions
from aftercare.desk.channel_words import about_ticket
from aftercare.desk.engine import process_due
from aftercare.desk.models import Attachment, Inbound, Message, PullCursor, ServiceWindow, Ticket
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.clients.wecom_crypto import signature_of
from aftercare.notify.engine.sender import Sender
from aftercare.notify.envelope import sealed
from aftercare.notify.models import Account, Channel, Delivery
from aftercare.notify.tests.wecom import AES_KEY, CALLBACK_TOKEN, CORP, KF, WANG, Wecom, sealed_for
from tests.world import World


class Service:
    """Starlight's customer service account."""

    def __init__(self, world: World, wecom: Wecom) -> None:
        self.world, self.wecom, self.now, self.rung = world, wecom, utc_now(), 0
        config = wecom.config | {"customer": world.show.ref}
        self.account = Account.objects.create(
            channel=Channel.WECOM_KF, name="KF", config=config, secrets=sealed(wecom.secrets), created_at=world.now
        )
        PullCursor.objects.create(account=self.account, due_at=self.now + timedelta(days=1))

    def write(self, msgid: str, *, ago_s: int = 1, **kind: Any) -> None:
        """The customer says something, and WeCom rings."""
        (name, value), *_ = kind.items()
        content = {"content": value} if isinstance(value, str) else value
        self.wecom.inbox.append({
            "msgid": msgid, "open_kfid": KF, "external_userid": WANG, "origin": 3, "msgtype": name, name: content,
            "send_time": int(self.now.timestamp()) - ago_s,
        })  # fmt: skip
        self.wecom.left[WANG] = 5
        self.ring()

    def ring(self, **wrong: Any) -> int:
        """A callback; then the engine works. Returns the status."""
        self.rung += 1
        xml = (
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><CreateTime>1348831860</CreateTime>"
            f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
            f"<Token><![CDATA[sync-token]]></Token><OpenKfId><![CDATA[{KF}]]></OpenKfId></xml>"
        )
        encrypted = wrong.get("encrypted") or sealed_for(xml, aes_key=AES_KEY, receive_id=wrong.get("corp", CORP))
        body = wrong.get("body") or f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        signature = signature_of(wrong.get("token", CALLBACK_TOKEN), "1", str(self.rung), encrypted)
        query = f"msg_signature={signature}&timestamp=1&nonce={self.rung}"
        path = f"/wecom/{wrong.get('ref', self.account.ref)}/callback?{query}"
        status = Client().post(path, body, content_type="text/xml").status_code
        self.work()
        return status

    def work(self) -> None:
        """The desk's engine and the outbox."""
        for _ in range(4):
            process_due(utc_now() + timedelta(seconds=1))
        sender = Sender()
        sender.process_due(utc_now() + timedelta(seconds=1))
        sender.close(2)


@pytest.fixture
def service(world: World, wecom: Wecom) -> Service:
    return Service(world, wecom)


def test_words_become_a_ticket_once_and_the_answer_reaches_the_customer(service: Service) -> None:
    service.write("m1", text="推流断了\n从八点起")
    service.ring()  # rung again for what was pulled already
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.way, ticket.customer, ticket.contact.name) == (
        "推流断了", "chat", service.world.show, "王工",
    )  # fmt: skip
    actions.reply(ticket=ticket, author=service.world.agent, body="在看", now=utc_now())
    service.work()
    (said,) = service.wecom.sent
    assert (said["touser"], said["text"]["content"]) == (WANG, "在看")
    service.write("m2", text="好了")
    assert [m.body for m in ticket.messages.order_by("pk")] == ["推流断了\n从八点起", "在看", "好了"]
    assert Ticket.objects.count() == 1


def test_more_pages_than_one_are_all_pulled(service: Service) -> None:
    service.wecom.inbox = [
        {
            "msgid": f"m{n}",
            "external_userid": WANG,
            "origin": 3,
            "msgtype": "text",
            "text": {"content": str(n)},
            "send_time": 1,
        }
        for n in range(8)
    ]
    service.ring()
    assert [m.body for m in Message.objects.order_by("pk")] == [str(n) for n in range(8)]


def test_the_sixth_message_is_refused_before_it_is_sent(service: Service) -> None:
    service.write("m1", text="推流断了")
    ticket = Ticket.objects.get()
    assert "5 more messages" in about_ticket(ticket, utc_now())
    for number in range(5):
        actions.reply(ticket=ticket, author=service.world.agent, body=str(number), now=utc_now())
    with pytest.raises(Refused, match="All five"):
        actions.reply(ticket=ticket, author=service.world.agent, body="6", now=utc_now())
    assert Message.objects.filter(body="6").count() == 0
    actions.reply(ticket=ticket, author=service.world.agent, body="note", internal=True, now=utc_now())
    assert "nothing more can be sent" in about_ticket(ticket, utc_now())
    page = service.world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "nothing more can be sent" in page
    service.work()
    service.now += timedelta(seconds=30)
    service.write("m2", ago_s=0, text="还在吗")
    service.work()
    assert "5 more messages" in about_ticket(ticket, utc_now())


def test_the_refusal_keeps_the_draft_on_the_page(service: Service) -> None:
    service.write("m1", text="推流断了")
    ServiceWindow.objects.update(sent=5)
    ticket = Ticket.objects.get()
    form = {"body": "第六条", "version": ticket.version}
    answer = service.world.client("agent").post(f"/tickets/{ticket.ref}/messages", form)
    assert answer.status_code == 409 and "第六条" in answer.content.decode()
    assert not Delivery.objects.filter(channel=Channel.WECOM_KF).exists()


def test_after_48_hours_nothing_goes(service: Service) -> None:
    service.write("m1", text="推流断了")
    ticket, later = Ticket.objects.get(), utc_now() + timedelta(hours=48)
    with pytest.raises(Refused, match="48 hours"):
        actions.reply(ticket=ticket, author=service.world.agent, body="x", now=later)
    actions.tell_ticket(ticket=ticket, body="x", body_zh="x", now=later)  # the system's words stay in the console
    assert not Delivery.objects.filter(channel=Channel.WECOM_KF).exists()


def test_long_words_cost_what_they_cost(service: Service) -> None:
    service.write("m1", text="推流断了")
    ticket = Ticket.objects.get()
    actions.reply(ticket=ticket, author=service.world.agent, body="卡" * 1500, now=utc_now())
    assert ServiceWindow.objects.get().sent == 3
    with pytest.raises(Refused, match="Shorten"):
        actions.reply(ticket=ticket, author=service.world.agent, body="卡" * 1500, now=utc_now())
    service.work()
    assert "".join(said["text"]["content"] for said in service.wecom.sent) == "卡" * 1500


def test_a_repeat_after_a_crash_reaches_the_customer_once(service: Service) -> None:
    service.write("m1", text="推流断了")
    actions.reply(ticket=Ticket.objects.get(), author=service.world.agent, body="在看", now=utc_now())
    service.work()
    Delivery.objects.filter(channel=Channel.WECOM_KF).update(state="pending", repeat=True)
    service.work()
    assert len(service.wecom.sent) == 1
    assert Delivery.objects.get(channel=Channel.WECOM_KF).state == "sent"


@pytest.mark.parametrize(
    ("errcode", "state", "words"),
    [
        (95001, "failed", "five"),
        (95002, "failed", "48"),
        (45009, "pending", "now"),
        (-1, "pending", "now"),
        (7, "failed", "refused"),
    ],
)
def test_errcodes_in_a_200_are_failures(service: Service, errcode: int, state: str, words: str) -> None:
    service.write("m1", text="推流断了")
    service.wecom.fail["kf/send_msg"] = [{"errcode": errcode, "errmsg": "no"}]
    actions.reply(ticket=Ticket.objects.get(), author=service.world.agent, body="在看", now=utc_now())
    service.work()
    delivery = Delivery.objects.get(channel=Channel.WECOM_KF)
    assert delivery.state == state and words in delivery.last_error


def test_a_callback_that_was_lost_is_made_up_for(service: Service) -> None:
    PullCursor.objects.update(due_at=service.now)
    service.wecom.inbox = [
        {
            "msgid": "m1",
            "external_userid": WANG,
            "origin": 3,
            "msgtype": "text",
            "text": {"content": "有人吗"},
            "send_time": 1,
        }
    ]
    process_due(utc_now())
    process_due(utc_now())
    assert Message.objects.get().body == "有人吗"


def test_a_stale_token_is_renewed(service: Service) -> None:
    service.write("m1", text="推流断了")
    service.wecom.token = "token-2"
    service.write("m2", text="还断着")
    assert Message.objects.count() == 2


def test_what_wecom_could_not_deliver_is_told_to_colleagues_only(service: Service) -> None:
    service.write("m1", text="推流断了")
    event = {"event_type": "msg_send_fail", "open_kfid": KF, "external_userid": WANG, "fail_msgid": "x", "fail_type": 6}
    service.wecom.inbox.append({"msgid": "e1", "origin": 4, "msgtype": "event", "event": event, "send_time": 1})
    service.ring()
    note = Message.objects.get(internal=True)
    assert "more than five" in note.body and note.side == "system"


def test_a_file_is_fetched(service: Service) -> None:
    service.wecom.media["media1"] = b"\x89PNG\r\n\x1a\n..."
    service.write("m1", image={"media_id": "media1"})
    file = Attachment.objects.get()
    assert (file.name, file.media_type, file.refused) == ("image.jpg", "image/png", "")


def test_an_account_of_nobodys_keeps_the_words_with_a_sentence(service: Service) -> None:
    service.account.config = service.wecom.config
    service.account.save()
    service.write("m1", text="推流断了")
    row = Inbound.objects.get(provider_message_id="m1")
    assert (row.state, Ticket.objects.count()) == ("refused", 0) and "customer service account" in row.last_error


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "forged"},
        {"corp": "wwother"},
        {"encrypted": "AAAA"},
        {"encrypted": "%%%"},
        {"ref": "zzzzzzzzzzzz"},
        {"body": "<xml>" + "<a>" * 100_000},
        {"body": '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><xml><Encrypt>&c;</Encrypt></xml>'},
        {"body": b"\xff\xfe"},
        {"body": "<xml></xml>"},
    ],
)
def test_forged_callbacks_find_nothing(service: Service, wrong: dict[str, Any]) -> None:
    started = time.monotonic()
    assert service.ring(**wrong) == 404
    assert not Inbound.objects.exists()
    assert time.monotonic() - started < 5


def test_the_same_callback_again_adds_nothing(service: Service) -> None:
    encrypted = sealed_for("<xml><Event>kf_msg_or_event</Event></xml>", aes_key=AES_KEY, receive_id=CORP)
    assert service.ring(encrypted=encrypted) == service.ring(encrypted=encrypted) == 200
    assert Inbound.objects.count() == 1


def test_wecoms_check_of_the_address_is_answered(service: Service) -> None:
    echo = sealed_for("1616140317555161061", aes_key=AES_KEY, receive_id=CORP)
    query = {
        "msg_signature": signature_of(CALLBACK_TOKEN, "1", "2", echo),
        "timestamp": "1",
        "nonce": "2",
        "echostr": echo,
    }
    answer = Client().get(f"/wecom/{service.account.ref}/callback", query)
    assert answer.content == b"1616140317555161061"
    assert Client().get(f"/wecom/{service.account.ref}/callback", query | {"nonce": "3"}).status_code == 404
