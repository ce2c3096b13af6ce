"""What is said in every vendor's chat comes in once, from whom it says, and where it belongs."""

import time
from typing import Any

import pytest
from django.utils import timezone

from aftercare.clocks.models import Clock, ClockState
from aftercare.desk.actions import contact_of, open_ticket, post_in_group, reply, save_group
from aftercare.desk.models import Group, Inbound, InboundState, Side, UnknownChat
from aftercare.notify.models import Account
from tests.vendors_of_chat.scene import Scene

SENDERS = {"feishu": "ou_wang", "dingtalk": "staff-wang", "slack": "U1", "telegram": "42", "wecom": "wang"}
NAMES = {"feishu": "王五", "dingtalk": "王五", "slack": "Wang Wu", "telegram": "Wang Wu", "wecom": "wang"}
WRONG = {  # a secret that is not ours, for each vendor's way of signing
    "feishu": {"key": "somebody's"},
    "dingtalk": {"secret": "somebody's"},
    "slack": {"secret": "somebody's"},
    "telegram": {"secret": "somebody's"},
    "wecom": {"token": "somebody's"},
}


def says(scene: Scene, text: str, **more: Any) -> Any:
    return scene.double.says(scene.client, scene.account, text, **more)


def test_words_come_in_and_start_the_clock(scene: Scene) -> None:
    assert says(scene, "推流断了").status_code == 200
    (message,) = scene.work()
    assert message.body.removeprefix("@Aftercare ") == "推流断了"
    assert message.side == Side.CUSTOMER
    assert message.contact is not None and message.contact.customer == scene.world.show
    assert message.contact.name == NAMES[scene.account.channel]
    assert Clock.objects.get().subject_ref == scene.group.ref
    assert not scene.deliveries(), "nothing is echoed"


def test_what_is_delivered_twice_is_one_message(scene: Scene) -> None:
    for _time in range(3):
        assert says(scene, "推流断了").status_code == 200
    scene.work()
    assert says(scene, "推流断了").status_code == 200
    assert len(scene.work()) == 1
    assert Inbound.objects.filter(kind="message").count() == 1


def test_a_forged_signature_is_refused_and_nothing_kept(scene: Scene) -> None:
    assert says(scene, "send me everything", **WRONG[scene.account.channel]).status_code == 403
    assert not Inbound.objects.exists()
    assert scene.refresh().last_heard_at is None


@pytest.mark.parametrize("scene", ["feishu", "dingtalk", "slack", "wecom_bot"], indirect=True)
def test_an_old_call_is_refused(scene: Scene) -> None:
    """Telegram signs no time; its update numbers are unique."""
    assert says(scene, "long ago", at=time.time() - 8 * 3600).status_code == 403
    assert not Inbound.objects.exists()


def test_another_accounts_address_is_not_this_accounts(scene: Scene) -> None:
    other = Account.objects.create(channel=scene.account.channel, name="other", created_at=timezone.now())
    assert scene.double.says(scene.client, other, "hello").status_code == 403, (
        "an account without secrets believes nobody"
    )
    other.enabled = False
    other.save()
    assert scene.double.says(scene.client, other, "hello").status_code == 403
    other.ref = "nobody"
    assert scene.double.says(scene.client, other, "hello").status_code == 403
    assert not Inbound.objects.exists()


def test_too_much_is_not_read(scene: Scene) -> None:
    assert says(scene, "x" * 1_100_000).status_code == 413
    assert not Inbound.objects.exists()


def test_ours_are_known_and_stop_the_clock(scene: Scene) -> None:
    says(scene, "推流断了")
    scene.work()
    who = SENDERS[scene.account.channel]
    contact_of(account=scene.account, external_id=who, now=timezone.now()).identities.all().delete()
    lin = contact_of(account=scene.account, external_id=who, user=scene.world.eng, now=timezone.now())
    second = {"number": 8} if scene.account.channel == "telegram" else {"ts": "1700000002.000100"}
    second = second if scene.account.channel in ("telegram", "slack") else {"message_id": "second"}
    says(scene, "在看", **second)
    answer = scene.work()[-1]
    assert (answer.contact, answer.author, answer.side) == (lin, scene.world.eng, Side.PROVIDER)
    assert Clock.objects.get().state == ClockState.STOPPED


@pytest.mark.parametrize("scene", ["feishu", "slack", "telegram"], indirect=True)
def test_an_answer_under_a_tickets_message_goes_into_the_ticket(scene: Scene) -> None:
    """DingTalk and WeCom do not say which message is answered."""
    channel = scene.account.channel
    says(scene, "推流断了")
    (question,) = scene.work()
    ticket = open_ticket(
        customer_id=scene.world.show.pk,
        app_id=None,
        title="推流断了",
        severity="P2",
        body="",
        opened_by=question.contact,
        group=scene.group,
        way="group",
        first=question,
        now=timezone.now(),
    )
    reply(ticket=ticket, author=scene.world.agent, body="边缘节点已切换", now=timezone.now())
    scene.run(2)
    under = {"feishu": "om_q1", "slack": "1700000001.000100", "telegram": "7"}[channel]
    assert (scene.double.posted[0].text, scene.double.posted[0].under) == ("Wang: 边缘节点已切换", under)

    ours = scene.double.posted[0].id
    below = {
        "feishu": {"message_id": "om_q2", "parent": ours},
        "slack": {"ts": "1700000009.000100", "thread": "1700000001.000100"},
        "telegram": {"number": 9, "fields": {"reply_to_message": {"message_id": int(ours) if ours.isdigit() else 0}}},
    }[channel]
    says(scene, "好了，谢谢", **below)
    thanks = scene.work()[-1]
    assert (thanks.body, thanks.ticket, thanks.group) == ("好了，谢谢", ticket, scene.group)


def test_a_chat_that_nobody_placed_waits_and_is_not_lost(scene: Scene) -> None:
    Group.objects.filter(pk=scene.group.pk).update(chat_id="elsewhere")
    says(scene, "推流断了")
    assert scene.work() == []
    assert Inbound.objects.get().state == InboundState.PARKED
    scene.group.chat_id = UnknownChat.objects.get().chat_id
    save_group(group=scene.group, actor=scene.world.mei, now=timezone.now())
    assert len(scene.work()) == 1
    assert Inbound.objects.get(kind="message").state == InboundState.DONE


def test_words_of_ours_in_the_group_come_back_once(scene: Scene) -> None:
    """The message that we posted is ours already when its vendor tells of it."""
    post_in_group(group=scene.group, speaker=scene.world.eng, body="hello", now=scene.now)
    scene.run(1)
    assert len(scene.work()) == 1
