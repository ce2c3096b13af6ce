"""DingTalk, WeCom, Slack and Telegram, to one person.

Documents: open.dingtalk.com orgapp/robot-sends-nail-messages (robot/ding/send: `remindType` 1 app, 2 SMS, 3 call)
and chatbots-send-one-on-one-chat-messages-in-batches (oToMessages/batchSend); developer.work.weixin.qq.com path/90236
(message/send: HTTP and errcode say yes even where `invaliduser` names our person); docs.slack.dev chat.postMessage (a
member's id is the channel of the app's own conversation), block-kit/button; core.telegram.org/bots/api
#inlinekeyboardbutton (`callback_data` of 1 to 64 bytes).
"""

import json
from urllib.parse import urlencode

from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import Answer as Said
from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import dingtalk, slack, telegram, wecom_bot, wecom_card
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.adapters.vendors.buttons import buttons
from aftercare.notify.answers import can_be_answered
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import Answer, Loudness
from aftercare.notify.outcome import Outcome, Verdict, account_refused, permanent, sent, too_fast
from aftercare.notify.types import in_parts

REMIND_TYPES = {Loudness.APP: 1, Loudness.SMS: 2, Loudness.PHONE: 3}
DING_AT_MOST = 1000
WECOM_BYTES = 2048
NO_PERSON = _("The vendor knows nobody by this id, or the app may not see them")
NOBODY_OF_WECOM = frozenset({81013, 60111, 40003})


def to_dingtalk(envelope: Envelope) -> Outcome:
    """A DING, or a message by the robot where it is not to be urgent. Never raises."""
    try:
        account = vendor.account_of(envelope, "app_key", "app_secret", "robot_code")
        return vendor.with_token(account, dingtalk.tokens, lambda: ding(account, envelope))
    except Undelivered as undelivered:
        return undelivered.outcome


def ding(account: Credentials, envelope: Envelope) -> Outcome | None:
    """One try; None where the token was refused. Raises Undelivered."""
    headers = {"x-acs-dingtalk-access-token": dingtalk.token_of(account, envelope)}
    words = vendor.words_of(envelope)
    body: dict[str, object] = {"robotCode": account.config["robot_code"]}
    if envelope.loudness:
        path = "/v1.0/robot/ding/send"
        body |= {
            "remindType": REMIND_TYPES[Loudness(envelope.loudness)],
            "receiverUserIdList": [envelope.address],
            "content": words[:DING_AT_MOST],
        }
    else:
        path = "/v1.0/robot/oToMessages/batchSend"
        kind, said = dingtalk_card(envelope) if can_be_answered(envelope.data) else ("sampleText", {"content": words})
        param = json.dumps(said, ensure_ascii=False)
        body |= {"userIds": [envelope.address], "msgKey": kind, "msgParam": param}
    return ding_verdict(vendor.call(account, dingtalk.BASE, path, body=body, headers=headers))


def dingtalk_card(envelope: Envelope) -> tuple[str, dict[str, str]]:
    """A card whose one button opens the page, where it can be answered: a button of such a card only opens a link.

    Its text is Markdown, so that the words are told line by line, with nothing in them that Markdown would read.
    """
    lines = [plain_markdown(line) for line in f"{envelope.title}\n{envelope.body}".splitlines() if line.strip()]
    with translation.override(envelope.language):
        answer_it = _t("Answer")
    text = "  \n".join(lines)[:DING_AT_MOST]
    return "sampleActionCard", {
        "title": envelope.title[:100],
        "text": text,
        "singleTitle": answer_it,
        "singleURL": envelope.url,
    }


def plain_markdown(text: str) -> str:
    """The text with a joiner before what Markdown takes for its own: nobody's words become a link or a picture."""
    return "".join(f"\u2060{sign}" if sign in "#[]()*_`>!<~|" else sign for sign in text)


def ding_verdict(answer: Said) -> Outcome | None:
    """A 200 is no yes yet: the person may stand among those that it did not go to."""
    said = answer.json()
    if answer.status != 200 or not (said.get("openDingId") or said.get("processQueryKey")):
        return dingtalk.verdict_of(answer)
    if said.get("flowControlledStaffIdList"):
        return too_fast(vendor.TOO_FAST, "flowControlledStaffIdList", wait_s=60.0, whole_account=False)
    refused = said.get("failedList") or said.get("invalidStaffIdList")
    if refused:
        return permanent(NO_PERSON, json.dumps(refused, ensure_ascii=False)[:200])
    return sent(str(said.get("openDingId") or said["processQueryKey"]))


def to_wecom(envelope: Envelope) -> Outcome:
    """A message by the app. Never raises."""
    try:
        account = vendor.account_of(envelope, "corp_id", "corp_secret", "agent_id")
        if not str(account.config["agent_id"]).isdecimal():
            return account_refused(vendor.INCOMPLETE, "agent_id")
        return vendor.with_token(account, wecom_bot.tokens, lambda: by_app(account, envelope))
    except Undelivered as undelivered:
        return undelivered.outcome


def by_app(account: Credentials, envelope: Envelope) -> Outcome | None:
    """One try; None where the token was refused. Raises Undelivered."""
    path = f"/cgi-bin/message/send?{urlencode({'access_token': wecom_bot.token_of(account, envelope)})}"
    body: dict[str, object] = {"touser": envelope.address, "agentid": int(account.config["agent_id"])}
    # Only an app that hears its callbacks may send buttons: WeCom refuses the card of another.
    if can_be_answered(envelope.data) and hears_callbacks(account):
        body |= {"msgtype": "template_card", "template_card": wecom_card.card_of(envelope)}
    else:
        words = in_parts(vendor.defused(vendor.words_of(envelope), "<a", "<@"), WECOM_BYTES)[0]
        body |= {"msgtype": "text", "text": {"content": words}, "safe": 0}
    answer = vendor.call(account, wecom_bot.BASE, path, body=body)
    said = answer.json()
    if said.get("errcode") in NOBODY_OF_WECOM or said.get("invaliduser") or said.get("unlicenseduser"):
        return permanent(NO_PERSON, wecom_bot.detail_of(answer))
    return wecom_bot.verdict_of(answer)


def hears_callbacks(account: Credentials) -> bool:
    """Whether the app's callbacks are set up with us."""
    return bool(account.secrets.get("app_token") and account.secrets.get("app_aes_key"))


def to_slack(envelope: Envelope) -> Outcome:
    """A message in the app's conversation with the member. Never raises."""
    try:
        account = vendor.account_of(envelope, "bot_token")
        words = vendor.words_of(envelope)
        body: dict[str, object] = {"channel": envelope.address, "text": slack.escaped(words), "mrkdwn": False}
        body |= {"unfurl_links": False, "unfurl_media": False}
        if can_be_answered(envelope.data):
            said = {"type": "section", "text": {"type": "plain_text", "text": words[:3000], "emoji": False}}
            body["blocks"] = [said, {"type": "actions", "elements": slack_buttons(envelope)}]
        headers = {"Authorization": f"Bearer {account.secrets['bot_token']}"}
        answer = vendor.call(account, slack.BASE, "/api/chat.postMessage", body=body, headers=headers)
        outcome = slack.verdict_of(answer)
    except Undelivered as undelivered:
        return undelivered.outcome
    return permanent(NO_PERSON, outcome.error.partition(": ")[2]) if is_nobody(outcome) else outcome


def is_nobody(outcome: Outcome) -> bool:
    """Whether the vendor knows no such chat: for a person's own, no such person."""
    return outcome.verdict is Verdict.PERMANENT and outcome.error.startswith(vendor.NO_CHAT)


def slack_buttons(envelope: Envelope) -> list[dict[str, object]]:
    """The buttons of a block; an `action_id` stands once in it."""
    return [
        {
            "type": "button",
            "action_id": f"{one.answer.value}{number}",
            "text": {"type": "plain_text", "text": one.label[:75]},
            "value": one.value,
            **({"style": "primary"} if one.answer is Answer.TAKE else {}),
        }
        for number, one in enumerate(buttons(envelope))
    ]


def to_telegram(envelope: Envelope) -> Outcome:
    """A message in the bot's chat with the person, who has to have begun it. Never raises."""
    try:
        account = vendor.account_of(envelope, "bot_token")
        body: dict[str, object] = {"chat_id": envelope.address, "text": vendor.words_of(envelope)[:4000]}
        body["link_preview_options"] = {"is_disabled": True}
        if can_be_answered(envelope.data):
            keys = [[{"text": one.label, "callback_data": one.value}] for one in buttons(envelope)]
            body["reply_markup"] = {"inline_keyboard": keys}
        path = f"/bot{account.secrets['bot_token']}/sendMessage"
        outcome = telegram.verdict_of(vendor.call(account, telegram.BASE, path, body=body))
    except Undelivered as undelivered:
        return undelivered.outcome
    return permanent(NO_PERSON, outcome.error.partition(": ")[2]) if is_nobody(outcome) else outcome
