"""Edits, recalls, reactions, commands, files and bots, as each vendor tells of them."""

import json
import time
from typing import Any

import pytest

from aftercare.desk.actions import group_commands
from aftercare.desk.actions.group_commands import GroupCommand
from aftercare.desk.models import Inbound, InboundState, Message
from aftercare.desk.vendors import chats
from tests.vendors_of_chat.scene import Scene


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[GroupCommand]:
    """What was asked of us."""
    heard: list[GroupCommand] = []
    monkeypatch.setattr(chats, "handle", lambda *, command, now: heard.append(command))
    return heard


def test_a_command_is_kept_as_words_and_handed_on(scene: Scene, asked: list[GroupCommand]) -> None:
    scene.double.says(scene.client, scene.account, "/ticket 推流断了")
    (message,) = scene.work()
    (command,) = asked
    assert (command.verb, command.words, command.by_reaction) == ("ticket", "推流断了", False)
    assert (command.message, command.group, command.by) == (message, scene.group, message.contact)


def test_the_house_can_carry_commands_out(scene: Scene) -> None:
    """The true handler is called with what it documents."""
    scene.double.says(scene.client, scene.account, "绿色通道：全员黑屏")
    words = scene.work()
    assert group_commands.handle is chats.handle
    assert [m.body.endswith("绿色通道：全员黑屏") for m in words if m.side == "customer"] == [True]
    assert [m.side for m in words if m.side != "customer"], "the house answers in the group"


def reacts(scene: Scene, name: str) -> Any:
    """Somebody reacts to the message that `says` said."""
    double, client, account = scene.double, scene.client, scene.account
    if account.channel == "feishu":
        event = {
            "message_id": "om_q1",
            "reaction_type": {"emoji_type": name},
            "operator_type": "user",
            "user_id": {"open_id": "ou_li"},
            "action_time": "1",
        }
        return double.deliver(client, account, event, kind="im.message.reaction.created_v1", event_id=f"r-{name}")
    if account.channel == "slack":
        item = {"type": "message", "channel": "C1", "ts": "1700000001.000100"}
        event = {"type": "reaction_added", "user": "U2", "reaction": name, "item": item}
        return double.event(client, account, event, f"Er-{name}")
    fields = {
        "chat": {"id": -1001},
        "message_id": 7,
        "user": {"id": 43, "is_bot": False, "first_name": "Li"},
        "old_reaction": [{"type": "emoji", "emoji": "👍"}],
        "new_reaction": [{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": name}],
    }
    return double.deliver(client, account, {"update_id": 1, "message_reaction": fields})


@pytest.mark.parametrize(("vendor", "name"), [("feishu", "Pin"), ("slack", "ticket"), ("telegram", "✍")])
def test_a_reaction_asks_for_a_ticket(
    request: pytest.FixtureRequest, asked: list[GroupCommand], vendor: str, name: str
) -> None:
    scene: Scene = request.getfixturevalue(vendor)
    scene.double.says(scene.client, scene.account, "推流断了")
    (message,) = scene.work()
    assert reacts(scene, name).status_code == 200
    scene.work()
    (command,) = asked
    assert (command.verb, command.message, command.by_reaction) == ("ticket", message, True)
    assert command.by != message.contact


def test_a_slack_slash_command_is_heard(slack: Scene, asked: list[GroupCommand]) -> None:
    form = {"command": "/green", "text": "all black &amp; silent", "user_id": "U7", "user_name": "wang"}
    form |= {"channel_id": "C1", "trigger_id": "13345224609.738474920.8088", "team_id": "T1"}
    for _time in range(2):
        answer = slack.double.deliver(slack.client, slack.account, form, form=True)
        assert (answer.status_code, answer.json()) == (200, {"response_type": "in_channel"})
    (message,) = slack.work()
    assert message.body == "/green all black & silent"
    assert [(c.verb, c.words) for c in asked] == [("green", "all black & silent")]


def former(message: Message) -> list[tuple[str, str]]:
    return list(message.changes.order_by("pk").values_list("kind", "former"))


def test_an_edited_message_keeps_its_old_words(slack: Scene, telegram: Scene) -> None:
    slack.double.says(slack.client, slack.account, "推流断")
    changed = {
        "user": "U1",
        "text": "推流断了",
        "ts": "1700000001.000100",
        "edited": {"user": "U1", "ts": "1700000005.0"},
    }
    fields = {"subtype": "message_changed", "message": changed, "previous_message": {"text": "推流断"}}
    slack.double.says(slack.client, slack.account, "", ts="1700000005.000200", fields=fields)
    telegram.double.says(telegram.client, telegram.account, "black")
    edit = {"kind": "edited_message", "update_id": 1, "fields": {"edit_date": int(time.time())}}
    telegram.double.says(telegram.client, telegram.account, "black screen", **edit)
    for scene, words, before in ((slack, "推流断了", "推流断"), (telegram, "black screen", "black")):
        (message,) = scene.work()
        assert (message.body, former(message)) == (words, [("edited", before)])


def test_a_picture_of_a_link_is_no_edit(slack: Scene) -> None:
    slack.double.says(slack.client, slack.account, "see https://x.example")
    same = {"user": "U1", "text": "see https://x.example", "ts": "1700000001.000100"}
    fields = {"subtype": "message_changed", "message": same, "previous_message": same}
    slack.double.says(slack.client, slack.account, "", ts="1700000002.000100", fields=fields)
    assert len(slack.work()) == 1


def test_what_is_taken_back_is_kept_for_the_provider(slack: Scene, feishu: Scene) -> None:
    slack.double.says(slack.client, slack.account, "our price is 5")
    fields = {"subtype": "message_deleted", "deleted_ts": "1700000001.000100"}
    slack.double.says(slack.client, slack.account, "", ts="1700000002.000100", fields=fields)
    feishu.double.says(feishu.client, feishu.account, "我们的价格是五元")
    event = {"message_id": "om_q1", "chat_id": "oc_1", "recall_time": "1", "recall_type": "message_owner"}
    feishu.double.deliver(feishu.client, feishu.account, event, kind="im.message.recalled_v1", event_id="recall-1")
    for scene, words in ((slack, "our price is 5"), (feishu, "我们的价格是五元")):
        (said,) = scene.work()
        assert words not in said.body and former(said) == [("taken_back", words)]
        page = scene.world.client("agent").get(f"/groups/{said.group.ref}").content.decode()
        assert words in page and "taken back" in page
        assert words not in scene.world.client("zhao").get(f"/groups/{said.group.ref}").content.decode()
        assert not scene.deliveries(), "nothing is echoed"


def test_bots_are_not_heard(slack: Scene, telegram: Scene, feishu: Scene) -> None:
    slack.double.says(slack.client, slack.account, "beep", fields={"bot_id": "B1"})
    slack.double.says(slack.client, slack.account, "beep", ts="2.0", fields={"subtype": "bot_message"})
    slack.double.says(slack.client, slack.account, "joined", ts="3.0", fields={"subtype": "channel_join"})
    telegram.double.says(telegram.client, telegram.account, "beep", fields={"from": {"id": 1, "is_bot": True}})
    feishu.double.says(feishu.client, feishu.account, "beep", sender_type="app")
    assert [scene.work() for scene in (slack, telegram, feishu)] == [[], [], []]
    assert set(Inbound.objects.values_list("state", flat=True)) == {InboundState.IGNORED}


def test_a_file_that_is_not_handed_out_says_where_it_is(dingtalk: Scene) -> None:
    picture = {"msgtype": "picture", "content": {"downloadCode": "x"}}
    dingtalk.double.says(dingtalk.client, dingtalk.account, "", fields=picture)
    (message,) = dingtalk.work()
    file = message.attachments.get()
    assert (message.body, file.name, file.refused) == (
        "",
        "picture.jpg",
        "This file is in the group's chat. Open it there.",
    )


def test_mentions_and_rich_text_read_as_text(feishu: Scene, slack: Scene) -> None:
    mentions = [{"key": "@_user_1", "name": "Aftercare", "id": {"open_id": "ou_bot"}}]
    feishu.double.says(feishu.client, feishu.account, "@_user_1 /ticket 黑屏", fields={"mentions": mentions})
    content = json.dumps(
        {
            "title": "问题",
            "content": [[{"tag": "text", "text": "看 "}, {"tag": "a", "text": "图", "href": "https://x"}]],
        }
    )
    rich = {"message_type": "post", "content": content}
    feishu.double.says(feishu.client, feishu.account, "", message_id="om_q2", fields=rich)
    slack.double.says(slack.client, slack.account, "<@U9> a &lt;b&gt; <https://x.example|here> <!channel>")
    said = [m.body for m in feishu.work() if m.side == "customer"]
    assert said == ["@Aftercare /ticket 黑屏", "问题\n看 图 https://x"]
    assert slack.work()[0].body == "@U9 a <b> here https://x.example @channel"


def test_the_vendors_question_whether_the_address_is_ours(feishu: Scene, slack: Scene, wecom_bot: Scene) -> None:
    question = {"type": "url_verification", "token": "verify-1", "challenge": "c-1"}
    for signs in (True, False):
        answer = feishu.double.push(feishu.client, feishu.account, question, signs=signs)
        assert answer.json() == {"challenge": "c-1"}
    assert feishu.double.push(feishu.client, feishu.account, question | {"token": "x"}).status_code == 403
    answer = slack.double.deliver(slack.client, slack.account, {"type": "url_verification", "challenge": "c-2"})
    assert answer.json() == {"challenge": "c-2"}
    answer = wecom_bot.double.asks_whether_ours(wecom_bot.client, wecom_bot.account, "c-3")
    assert (answer.status_code, answer.content) == (200, b"c-3")
    assert wecom_bot.double.asks_whether_ours(wecom_bot.client, wecom_bot.account, "c", token="x").status_code == 403
    assert not Inbound.objects.exists()


def test_an_unsigned_event_is_refused_even_when_it_is_encrypted(feishu: Scene) -> None:
    assert feishu.double.says(feishu.client, feishu.account, "hello", signs=False).status_code == 403
    assert feishu.double.says(feishu.client, feishu.account, "hello", token="x").status_code == 403
    assert not Inbound.objects.exists()


def test_a_message_for_another_receiver_is_refused(wecom_bot: Scene) -> None:
    assert wecom_bot.double.says(wecom_bot.client, wecom_bot.account, "hello", receive_id="ww2").status_code == 403


@pytest.mark.parametrize(
    "body", ["", "[]", "nonsense", '{"update_id": "x"}', "[" * 5000, '{"a":' * 900 + "1" + "}" * 900]
)
def test_nonsense_is_refused_in_order(telegram: Scene, body: str) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.double.webhook_secret}
    path = f"/hooks/desk/{telegram.account.ref}/telegram"
    answer = telegram.client.post(path, body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert not Inbound.objects.exists()


def test_characters_that_no_database_keeps_do_no_harm(telegram: Scene) -> None:
    telegram.double.says(telegram.client, telegram.account, "a\x00b\ud800c")
    assert telegram.work()[0].body == "ab?c"


def test_words_without_end_are_cut_with_a_word_about_it(feishu: Scene) -> None:
    feishu.double.says(feishu.client, feishu.account, "长" * 30_000)
    body = feishu.work()[0].body
    assert len(body) == 20_000 and body.endswith("(cut: the whole text is in the group)")
