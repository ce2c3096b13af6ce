"""Words go out to every vendor: as documented, in order, no faster than allowed, and never lost in silence."""

from datetime import timedelta

import pytest

from aftercare.desk.actions import post_in_group
from aftercare.notify.adapters.vendors import feishu as feishu_adapter
from aftercare.notify.engine import claims
from aftercare.notify.engine.sender import Sender
from aftercare.notify.envelope import envelope_of, sealed
from aftercare.notify.models import Account, Delivery, State
from tests.vendors_of_chat.scene import Scene


def say(scene: Scene, *bodies: str) -> None:
    for body in bodies:
        post_in_group(group=scene.group, speaker=scene.world.eng, body=body, now=scene.now)


def test_words_arrive_with_their_speaker(scene: Scene) -> None:
    say(scene, "看到了 <b>&")
    scene.run(1)
    assert [m.chat for m in scene.double.posted] == [scene.group.chat_id]
    assert scene.double.texts[0].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == "Lin: 看到了 <b>&"
    delivery = scene.deliveries()[0]
    assert (delivery.state, delivery.last_error) == (State.SENT, "")
    assert delivery.provider_message_id


def test_many_words_arrive_in_order_and_never_too_fast(scene: Scene) -> None:
    words = [f"line {n}" for n in range(24)]
    say(scene, *words)
    scene.run(120)
    assert [text.removeprefix("Lin: ") for text in scene.double.texts] == words
    assert scene.double.too_fast == 0
    assert {d.attempts for d in scene.deliveries()} == {1}, "what may not go yet is not taken"


def test_a_rate_limit_answer_waits_and_keeps_the_order(scene: Scene) -> None:
    say(scene, "first", "second")
    scene.double.refusals = [scene.refusal.TOO_FAST] * 8
    scene.run(5)
    assert scene.double.texts == [], "silent while the vendor asks for silence"
    scene.run(7200)
    assert scene.double.texts == ["Lin: first", "Lin: second"]
    assert scene.deliveries()[0].waits == 8, "waiting wears nothing out"


def test_a_revoked_key_fails_for_good_and_the_account_says_so(scene: Scene) -> None:
    say(scene, "before")
    scene.run(1)
    scene.double.revoke()
    say(scene, "hello")
    scene.run(5)
    delivery = scene.deliveries()[1]
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)
    account = scene.refresh()
    assert account.last_error.startswith("The vendor refuses our key"), account.last_error
    code = account.last_error.partition(": ")[2]
    assert code, "the vendor's own code stands behind the sentence"
    scene.double.refusals.clear()
    Account.objects.filter(pk=account.pk).update(secrets=sealed(scene.double.secrets))  # an admin enters the new key
    say(scene, "again")
    scene.run(10)
    assert scene.refresh().last_error == "", "mended"
    assert scene.double.texts == ["Lin: before", "Lin: again"]


def test_a_chat_that_threw_us_out_is_said_and_holds_no_other(scene: Scene) -> None:
    say(scene, "to the dead one")
    post_in_group(group=scene.other, speaker=scene.world.eng, body="to the other", now=scene.now)
    scene.double.gone.add(scene.group.chat_id)
    scene.run(2)
    dead, other = scene.deliveries()
    assert (dead.state, other.state) == (State.FAILED, State.SENT)
    assert "chat" in dead.last_error
    assert scene.refresh().last_error == "", "the account itself is well"


@pytest.mark.parametrize("scene", ["telegram"], indirect=True)
def test_a_later_word_waits_for_an_earlier_one_but_other_chats_do_not(scene: Scene) -> None:
    say(scene, "first", "second")
    post_in_group(group=scene.other, speaker=scene.world.eng, body="elsewhere", now=scene.now)
    Delivery.objects.filter(body="first").update(due_at=scene.now + timedelta(seconds=30))  # its retry is due later
    scene.run(3)
    assert scene.double.texts == ["Lin: elsewhere"]
    scene.run(40)
    assert scene.double.texts == ["Lin: elsewhere", "Lin: first", "Lin: second"]


def test_killed_between_the_call_and_the_commit_it_comes_again_marked(scene: Scene) -> None:
    say(scene, "hello", "after it")
    taken = claims.claim(scene.now, limit=16, routine_limit=8, busy=[])
    assert [row.body for row in taken] == ["hello"]  # the process dies here; the vendor may have it
    assert Sender().process_due(scene.now) == 0, "the later one waits"
    scene.now += timedelta(seconds=21)
    scene.run(30)
    assert scene.double.texts == ["Repeat: Lin: hello", "Lin: after it"]


@pytest.mark.parametrize("scene", ["slack", "telegram", "wecom_bot"], indirect=True)
def test_long_words_come_in_parts_and_in_order(scene: Scene) -> None:
    text = "\n".join(f"{n:05d} 推流断了，请看一下 <&>😀" for n in range(600))
    say(scene, text)
    scene.run(400)
    assert {d.state for d in scene.deliveries()} == {State.SENT}
    arrived = "".join(scene.double.texts).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    places = [arrived.index(f"{n:05d} 推流断了，请看一下 <&>😀") for n in range(600)]
    assert places == sorted(places), "nothing lost, nothing out of order"
    assert scene.double.texts[0].startswith(f"Lin: (1/{len(scene.double.texts)}) ")


def test_whoever_spoke_hears_that_it_did_not_arrive(telegram: Scene) -> None:
    say(telegram, "the fix is out")
    telegram.double.gone.add(telegram.group.chat_id)
    telegram.run(1)
    push = Delivery.objects.get(kind="message.undelivered")
    assert (push.user, push.title) == (telegram.world.eng, "Not delivered to Starlight service")
    assert "The bot is not in this chat" in push.body and "the fix is out" in push.body


def test_nobodys_words_call_everybody(feishu: Scene, slack: Scene, wecom_bot: Scene) -> None:
    for scene, words in ((feishu, '<at user_id="all">'), (slack, "<!channel>"), (wecom_bot, "<@all>")):
        say(scene, words)
        scene.run(1)
        assert words not in scene.double.texts[0]


def test_a_wecom_robot_never_speaks_in_another_group(wecom_bot: Scene) -> None:
    """A robot's key leads to one group alone, so it is used for that group alone."""
    Account.objects.filter(pk=wecom_bot.account.pk).update(secrets=sealed({"robot_key:wr1": "key-1"}))
    post_in_group(group=wecom_bot.other, speaker=wecom_bot.world.eng, body="for the second", now=wecom_bot.now)
    wecom_bot.run(1)
    assert wecom_bot.double.texts == []
    assert "corp_secret" in wecom_bot.deliveries()[0].last_error


def test_wecom_speaks_by_an_app_in_the_groups_that_it_made(wecom_bot: Scene) -> None:
    wecom_bot.group.chat_id = "appchat1"
    wecom_bot.group.save()
    say(wecom_bot, "one", "two")
    wecom_bot.run(60)
    assert [(m.chat, m.text) for m in wecom_bot.double.posted] == [("appchat1", "Lin: one"), ("appchat1", "Lin: two")]
    assert wecom_bot.double.tokens_given == 1, "a token is kept until it expires"


def test_dingtalk_speaks_by_a_custom_robot_that_signs(dingtalk: Scene) -> None:
    secrets = {"robot_token:cid1": "robot-token", "robot_secret:cid1": "SEC1"}
    Account.objects.filter(pk=dingtalk.account.pk).update(secrets=sealed(dingtalk.double.secrets | secrets))
    say(dingtalk, "one")
    dingtalk.run(1)
    assert [(m.chat, m.text) for m in dingtalk.double.posted] == [("robot", "Lin: one")]
    wrong = secrets | {"robot_secret:cid1": "SEC2"}
    Account.objects.filter(pk=dingtalk.account.pk).update(secrets=sealed(wrong))
    say(dingtalk, "two")
    dingtalk.run(1)
    assert dingtalk.deliveries()[1].last_error.endswith("310000 sign not match"), "HTTP said 200"


def test_what_feishu_took_before_we_died_is_not_shown_twice(feishu: Scene) -> None:
    """The delivery's ref is the message's uuid there: the repeat is answered with the first one's id."""
    say(feishu, "hello")
    (row,) = claims.claim(feishu.now, limit=16, routine_limit=8, busy=[])
    feishu_adapter.send(envelope_of(row, feishu.now))  # the process dies before it can write the answer down
    feishu.now += timedelta(seconds=21)
    feishu.run(2)
    assert feishu.double.texts == ["Lin: hello"]
    assert feishu.deliveries()[0].state == State.SENT
