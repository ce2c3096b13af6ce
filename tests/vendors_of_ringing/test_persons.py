"""Feishu, DingTalk, WeCom, Slack and Telegram to one person: urgent where they can be, answered by a button."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aftercare.desk.engine import process_due
from aftercare.notify import actions
from aftercare.notify.engine.sender import Sender, call_provider
from aftercare.notify.envelope import Envelope, sealed
from aftercare.notify.models import CODE_KIND, Account, ContactAnswer, ContactMethod, Delivery, State
from aftercare.notify.outcome import Outcome
from tests.vendors_of_chat.double import serving
from tests.vendors_of_ringing import persons
from tests.vendors_of_ringing.scene import fresh
from tests.world import World

MADE = {
    "feishu": (persons.FeishuPersons, "ou_linlinlin"),
    "dingtalk": (persons.DingTalkPersons, "manager4220"),
    "wecom": (persons.WeComPersons, "lin"),
    "slack": (persons.SlackPersons, "U012LIN"),
    "telegram": (persons.TelegramPersons, "4242"),
}
BUTTONS = ("feishu", "wecom", "slack", "telegram")


class Desk:
    """One vendor with an account of ours there."""

    def __init__(self, world: World, double: Any, channel: str, address: str) -> None:
        self.world, self.double, self.channel, self.address = world, double, channel, address
        self.now = timezone.now()
        self.account = Account.objects.create(
            channel=channel, name=channel, config=double.config, secrets=sealed(double.secrets), created_at=self.now
        )

    def contact(self, address: str = "", **more: Any) -> ContactMethod:
        """Lin there, confirmed."""
        facts = {"user": self.world.eng, "channel": self.channel, "address": address or self.address, "verified": True}
        return actions.add_contact(**facts | more, now=self.now)

    def page(self, contact: ContactMethod, **more: Any) -> Delivery:
        """An urgent page to it, sent."""
        facts = {"kind": "page", "subject_ref": "inc-1", "title": 'Freeze 6% <at user_id="all">', "urgency": "urgent"}
        facts |= {"data": {"answerable": True}, "url_path": "/p/1", "body": "Red line <!channel>"}
        row = actions.send(
            user=contact.user,
            contact=contact,
            channel=self.channel,
            address=contact.address,
            now=self.now,
            **facts | more,
        )
        self.run()
        return fresh(row)

    def run(self) -> None:
        """Send what is due."""
        sender = Sender()
        sender.process_due(self.now)
        while sender.flights:
            sender.process_due(self.now)
        sender.close(5)


@contextmanager
def desk_of(world: World, patch: pytest.MonkeyPatch, channel: str) -> Iterator[Desk]:
    patch.setattr("aftercare.notify.adapters.calling.allows_private_webhooks", lambda: True)
    make, address = MADE[channel]

    def call_at_its_time(envelope: Envelope) -> Outcome:
        double.now = envelope.at
        return call_provider(envelope)

    patch.setattr("aftercare.notify.engine.sender.call_provider", call_at_its_time)
    with serving(make()) as double:
        yield Desk(world, double, channel, address)


@pytest.fixture(params=MADE)
def desk(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Each vendor in turn."""
    with desk_of(world, monkeypatch, request.param) as made:
        yield made


@pytest.fixture(params=BUTTONS)
def pressing(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Those whose buttons we hear."""
    with desk_of(world, monkeypatch, request.param) as made:
        yield made


def only(name: str) -> Any:
    """A fixture of one vendor."""

    @pytest.fixture(name=name)
    def fixture(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
        with desk_of(world, monkeypatch, name) as made:
            yield made

    return fixture


feishu, dingtalk, wecom = only("feishu"), only("dingtalk"), only("wecom")


def test_a_page_reaches_the_person(desk: Desk) -> None:
    row = desk.page(desk.contact())
    assert row.state == State.SENT, row.last_error
    assert row.account == desk.account
    (posted,) = desk.double.posted
    assert posted.chat == desk.address and "Freeze 6%" in posted.text and "/p/1" in posted.text
    assert "<!channel>" not in posted.text or desk.channel != "slack"


def test_a_code_reaches_the_person_and_confirms(desk: Desk) -> None:
    contact = desk.contact(verified=False)
    actions.send_code(contact=contact, now=desk.now)
    desk.run()
    (posted,) = desk.double.posted
    (code,) = re.findall(r"\b\d{6}\b", posted.text)
    actions.confirm_by_code(contact=contact, typed=code, now=desk.now)
    contact.refresh_from_db()
    assert contact.verified and not Delivery.objects.get(kind=CODE_KIND).secret_url


def test_who_is_not_there_fails_at_once(desk: Desk) -> None:
    nobody = {"feishu": "ou_nobodynobody", "slack": "U0NOBODY", "telegram": "777"}.get(desk.channel, "nobody")
    row = desk.page(desk.contact(nobody))
    assert row.state == State.FAILED and not desk.double.posted
    if desk.channel != "feishu":
        assert "knows nobody by this id" in row.last_error


def test_a_key_that_is_not_taken_stands_on_the_account(desk: Desk) -> None:
    desk.double.revoke()
    if desk.channel == "wecom":
        desk.double.corp_secret = "another"
    row = desk.page(desk.contact())
    desk.account.refresh_from_db()
    assert row.state == State.FAILED and desk.account.last_error


@pytest.mark.parametrize(
    ("loudness", "kind"), [("app", "urgent_app"), ("sms", "urgent_sms"), ("phone", "urgent_phone")]
)
def test_feishu_makes_it_urgent(feishu: Desk, loudness: str, kind: str) -> None:
    row = feishu.page(feishu.contact(loudness=loudness))
    assert row.state == State.SENT and feishu.double.urgent == [(kind, "ou_linlinlin")]


@pytest.mark.parametrize("address", ["+8613800000001", "lin@x.example"])
def test_feishu_finds_people_by_number_and_mail(feishu: Desk, address: str) -> None:
    row = feishu.page(feishu.contact(address, loudness="phone"))
    assert row.state == State.SENT and feishu.double.urgent == [("urgent_phone", "ou_linlinlin")]
    feishu.double.presses(Client(), feishu.account, button_of(feishu))
    assert ContactAnswer.objects.count() == 1, "the id that Feishu told is the person's"


def test_feishu_says_nobody_has_this_number(feishu: Desk) -> None:
    row = feishu.page(feishu.contact("+8613811111111"))
    assert row.state == State.FAILED and "Feishu knows nobody" in row.last_error


def test_feishu_that_cannot_ring_is_not_taken_for_having_rung(feishu: Desk) -> None:
    later = feishu.contact(loudness="app", after_s=120)
    feishu.double.urgent_refusals = [(400, {}, {"code": 230024, "msg": "Reach the upper limit of urgent message."})]
    waiting = actions.send(
        user=feishu.world.eng, contact=later, channel="feishu", address=later.address, kind="page",
        subject_ref="inc-1", title="later", after_s=120, now=feishu.now,
    )  # fmt: skip
    row = feishu.page(feishu.contact(loudness="phone"))
    assert row.state == State.FAILED and "did not make it urgent" in row.last_error
    assert fresh(waiting).state == State.SENT, "the next rung came at once"


def test_feishu_that_stumbles_shows_the_message_once(feishu: Desk) -> None:
    feishu.double.urgent_refusals = [(500, {}, {"code": 1500, "msg": "internal"})]
    row = feishu.page(feishu.contact(loudness="phone"))
    assert row.state == State.PENDING
    feishu.now = row.due_at
    feishu.run()
    assert fresh(row).state == State.SENT
    assert len(feishu.double.posted) == 1 and feishu.double.urgent == [("urgent_phone", "ou_linlinlin")]


@pytest.mark.parametrize(("loudness", "remind"), [("app", 1), ("sms", 2), ("phone", 3)])
def test_dingtalk_dings(dingtalk: Desk, loudness: str, remind: int) -> None:
    row = dingtalk.page(dingtalk.contact(loudness=loudness))
    assert row.state == State.SENT
    (ding,) = dingtalk.double.dings
    assert (ding["remindType"], ding["receiverUserIdList"]) == (remind, ["manager4220"])


def test_dingtalk_that_says_yes_and_lists_the_person_as_failed(dingtalk: Desk) -> None:
    row = dingtalk.page(dingtalk.contact("nobody", loudness="phone"))
    assert row.state == State.FAILED and "knows nobody" in row.last_error


def test_wecom_keeps_its_limit_of_thirty_a_minute(wecom: Desk) -> None:
    wecom.account.config = {**wecom.account.config, "callee_limits": "2/60"}
    wecom.account.save()
    contact = wecom.contact()
    states = [wecom.page(contact, subject_ref=f"inc-{n}").state for n in range(3)]
    assert states == [State.SENT, State.SENT, State.FAILED]


def button_of(desk: Desk, place: int = 0) -> str:
    """What the first or second button gives back."""
    if desk.channel == "feishu":
        return desk.double.cards[-1]["elements"][1]["actions"][place]["value"]["answer"]
    if desk.channel == "wecom":
        return desk.double.buttons[place]["key"]
    return desk.double.buttons[place]["value"] if desk.channel == "slack" else desk.double.keys[place]["callback_data"]


def test_a_button_answers_once(pressing: Desk) -> None:
    row = pressing.page(pressing.contact())
    for _again in range(2):
        assert pressing.double.presses(Client(), pressing.account, button_of(pressing)).status_code == 200
    (answer,) = ContactAnswer.objects.all()
    assert (answer.delivery, answer.answer) == (row, "take")
    pressing.double.presses(Client(), pressing.account, button_of(pressing, 1))
    assert set(ContactAnswer.objects.values_list("answer", flat=True)) == {"take", "pass_on"}


def test_a_strangers_press_does_nothing(pressing: Desk) -> None:
    pressing.page(pressing.contact())
    stranger = {"feishu": "ou_stranger1", "slack": "U0STRANGER", "telegram": "999", "wecom": "mei"}[pressing.channel]
    pressing.double.presses(Client(), pressing.account, button_of(pressing), by=stranger)
    forged = button_of(pressing)[:-2] + "xx"
    pressing.double.presses(Client(), pressing.account, forged)
    pressing.double.presses(Client(), pressing.account, "take")
    pressing.double.presses(Client(), pressing.account, "close:" + button_of(pressing).partition(":")[2])
    assert not ContactAnswer.objects.exists()


def test_an_unsigned_press_is_refused(pressing: Desk) -> None:
    pressing.page(pressing.contact())
    how = {"feishu": {"signs": False}, "slack": {"secret": "x"}, "telegram": {"secret": "x"}}
    how = (how | {"wecom": {"token": "x"}})[pressing.channel]
    assert pressing.double.presses(Client(), pressing.account, button_of(pressing), **how).status_code == 403
    assert not ContactAnswer.objects.exists()


def test_a_press_in_another_accounts_chat_does_nothing(pressing: Desk) -> None:
    pressing.page(pressing.contact())
    other = Account.objects.create(
        channel=pressing.channel,
        name="other",
        config=pressing.double.config,
        secrets=sealed(pressing.double.secrets),
        created_at=pressing.now,
    )
    pressing.double.presses(Client(), other, button_of(pressing))
    assert not ContactAnswer.objects.exists()


PEOPLE = {"answerable": True, "people": [["mei-ref", "Mei"], ["ada-ref", "Ada"]]}


def test_buttons_end_it_and_hand_it_over(pressing: Desk) -> None:
    pressing.page(pressing.contact(), data=PEOPLE)
    for place in (2, 3, 4, 4):
        assert pressing.double.presses(Client(), pressing.account, button_of(pressing, place)).status_code == 200
    answers = ContactAnswer.objects.order_by("id").values_list("answer", "detail")
    assert list(answers) == [("resolve", ""), ("give", "mei-ref"), ("give", "ada-ref")]


@pytest.mark.parametrize("name", ["give", "give2", "give99999", "give-1", "take1", "give٣"])
def test_a_button_that_was_never_there_does_nothing(pressing: Desk, name: str) -> None:
    pressing.page(pressing.contact(), data=PEOPLE)
    mark = button_of(pressing).partition(":")[2]
    assert pressing.double.presses(Client(), pressing.account, f"{name}:{mark}").status_code == 200
    assert not ContactAnswer.objects.exists()


def test_wecom_says_what_became_of_a_press_in_the_buttons_place(wecom: Desk) -> None:
    wecom.page(wecom.contact())
    told = wecom.double.opened(wecom.double.presses(Client(), wecom.account, button_of(wecom)))
    assert "<MsgType>update_button</MsgType>" in told and "We have your answer." in told
    again = wecom.double.opened(wecom.double.presses(Client(), wecom.account, button_of(wecom)))
    assert "was given already" in again and ContactAnswer.objects.count() == 1


def test_words_to_the_wecom_app_answer_too(wecom: Desk) -> None:
    row = wecom.page(wecom.contact())
    assert "We did not understand" in wecom.double.opened(wecom.double.writes(Client(), wecom.account, "hm"))
    assert not wecom.double.opened(wecom.double.writes(Client(), wecom.account, "1", by="mei"))
    assert not ContactAnswer.objects.exists(), "a colleague for whom nothing waits"
    assert not wecom.double.opened(wecom.double.writes(Client(), wecom.account, "解决"))
    assert (ContactAnswer.objects.get().delivery, ContactAnswer.objects.get().answer) == (row, "resolve")


ALONE: dict[str, dict[str, Any]] = {
    "feishu": {"chat": "oc_alone", "sender": "ou_linlinlin", "fields": {"chat_type": "p2p"}},
    "dingtalk": {"chat": "cid9", "fields": {"conversationType": "1", "senderStaffId": "manager4220"}},
    "slack": {"channel": "D1", "user": "U012LIN", "fields": {"channel_type": "im"}},
    "telegram": {
        "fields": {
            "from": {"id": 4242, "is_bot": False, "first_name": "Lin"},
            "chat": {"id": 4242, "type": "private", "first_name": "Lin"},
        }
    },
}


@pytest.mark.parametrize("channel", ALONE)
def test_words_to_the_app_alone_answer_and_those_in_a_group_do_not(
    world: World, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    with desk_of(world, monkeypatch, channel) as desk:
        row = desk.page(desk.contact())
        assert desk.double.says(Client(), desk.account, "4").status_code == 200
        process_due(timezone.now())
        assert not ContactAnswer.objects.exists(), "a customer's group is no place to answer pages"
        more = {"ts": "1700000002.000100"} if channel == "slack" else {}
        more |= {"number": 8} if channel == "telegram" else {}
        more |= {"message_id": "m2"} if channel in ("feishu", "dingtalk") else {}
        assert desk.double.says(Client(), desk.account, "解决", **ALONE[channel], **more).status_code == 200
        process_due(timezone.now())
        answer = ContactAnswer.objects.get()
        assert (answer.delivery, answer.answer) == (row, "resolve")
        desk.now = timezone.now() + timedelta(seconds=5)  # a vendor's pace: one message a second
        desk.run()
        assert desk.double.posted[-1].text.startswith("We have your answer.")


@pytest.mark.parametrize("how", [{"token": "x"}, {"corp": "ww2"}, {"age_s": 7300}])
def test_forged_or_old_callbacks_of_wecom_are_refused(wecom: Desk, how: dict[str, Any]) -> None:
    wecom.page(wecom.contact())
    assert wecom.double.presses(Client(), wecom.account, button_of(wecom), **how).status_code == 403
    path = f"/hooks/ring/{wecom.account.ref}/wecom"
    assert Client().post(path, b"\xff" * 100, content_type="text/xml").status_code == 403
    assert Client().get(path).status_code == 403 and Client().get("/hooks/ring/nosuch/wecom").status_code == 404
    assert not ContactAnswer.objects.exists()


def test_wecom_without_callbacks_gets_the_link(wecom: Desk) -> None:
    wecom.double.hears_callbacks = False
    wecom.account.secrets = sealed(wecom.double.secrets)
    wecom.account.save()
    assert wecom.page(wecom.contact()).state == State.SENT
    assert not wecom.double.buttons and "/p/1" in wecom.double.posted[0].text


def test_dingtalks_card_opens_the_page_and_reads_no_markdown(dingtalk: Desk) -> None:
    row = dingtalk.page(
        dingtalk.contact(), title="Freeze [6%](https://evil.example)", body="![x](https://e.example/y.png)"
    )
    assert row.state == State.SENT, row.last_error
    (posted,) = dingtalk.double.posted
    assert "](" not in posted.text and posted.text.endswith("/p/1")
