"""Feishu and Lark, to one person: a message by the app's bot, made urgent in the app, by SMS or by phone call.

Documents: open.feishu.cn im-v1 message/create (`receive_id_type`), message/urgent_app, urgent_sms and urgent_phone (the
bot's own messages alone; 200 unread urgent ones at most; SMS and calls use up the tenant's quota), contact-v3 user/
batch_get_id, feishu-cards card-json-v1 and card-callback-communication. A try that sent and could not make it urgent is
safe to repeat: the message's `uuid` is the delivery's ref.
"""

import json
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import feishu
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.adapters.vendors.buttons import Button, buttons
from aftercare.notify.answers import can_be_answered
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import Answer
from aftercare.notify.outcome import Outcome, Verdict, permanent, sent

NO_PERSON = _("Feishu knows nobody by this address, or the app may not see them")
NOT_LOUD = _("Feishu took the message but did not make it urgent")
LOUD_USED_UP = frozenset({230023, 230024})  # too many unread, the tenant's quota: waiting does not help tonight


def send(envelope: Envelope) -> Outcome:
    """Write to the person and make it urgent. Never raises."""
    try:
        account = vendor.account_of(envelope, "app_id", "app_secret")
        return vendor.with_token(account, feishu.tokens, lambda: reach(account, envelope))
    except Undelivered as undelivered:
        return undelivered.outcome


def reach(account: Credentials, envelope: Envelope) -> Outcome | None:
    """One try; None where the token was refused. Raises Undelivered."""
    headers = {"Authorization": f"Bearer {feishu.token_of(account, envelope.at)}"}
    open_id = envelope.address
    if not open_id.startswith("ou_"):
        found = open_id_of(account, envelope.address, headers)
        if found is None:
            return None
        open_id = found
    kind, content = content_of(envelope)
    body = {
        "receive_id": open_id,
        "msg_type": kind,
        "content": json.dumps(content, ensure_ascii=False),
        "uuid": envelope.ref,
    }
    path = "/open-apis/im/v1/messages?receive_id_type=open_id"
    outcome = feishu.verdict_of(vendor.call(account, feishu.BASE, path, body=body, headers=headers))
    if outcome is None or outcome.verdict is not Verdict.SENT:
        return outcome
    message_id = outcome.provider_message_id
    if envelope.loudness:
        refused = make_urgent(account, envelope, message_id, open_id, headers)
        if refused is not None:
            return refused
    return sent(f"{message_id}|{open_id}")


def open_id_of(account: Credentials, address: str, headers: dict[str, str]) -> str | None:
    """Whom Feishu knows by this mobile number or mail address; None where the token was refused. Raises Undelivered."""
    body = {"emails" if "@" in address else "mobiles": [address]}
    path = "/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id"
    answer = vendor.call(account, feishu.BASE, path, body=body, headers=headers)
    outcome = feishu.verdict_of(answer)
    if outcome is None:
        return None
    if outcome.verdict is not Verdict.SENT:
        raise Undelivered(outcome)
    data = answer.json().get("data")
    users = data.get("user_list") if isinstance(data, dict) else None
    first = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
    if not first.get("user_id"):
        raise Undelivered(permanent(NO_PERSON))
    return str(first["user_id"])


def make_urgent(
    account: Credentials, envelope: Envelope, message_id: str, open_id: str, headers: dict[str, str]
) -> Outcome | None:
    """Make a message urgent; None once it is. Raises Undelivered."""
    path = f"/open-apis/im/v1/messages/{quote(message_id, safe='')}/urgent_{envelope.loudness}?user_id_type=open_id"
    body = {"user_id_list": [open_id]}
    answer = vendor.call(account, feishu.BASE, path, method="PATCH", body=body, headers=headers)
    if answer.json().get("code") in LOUD_USED_UP:
        return permanent(NOT_LOUD, feishu.detail_of(answer))
    outcome = feishu.verdict_of(answer)
    if outcome is None or outcome.verdict is not Verdict.SENT:
        return outcome or permanent(NOT_LOUD, feishu.detail_of(answer))
    data = answer.json().get("data")
    return permanent(NOT_LOUD) if isinstance(data, dict) and data.get("invalid_user_id_list") else None


def content_of(envelope: Envelope) -> tuple[str, dict[str, object]]:
    """Plain text; a card with buttons where an answer is wanted."""
    words = vendor.words_of(envelope)
    if not can_be_answered(envelope.data):
        return "text", {"text": vendor.defused(words, "<at")}
    title, _line, rest = words.partition("\n")
    return "interactive", {
        "config": {"wide_screen_mode": True},
        "header": {"template": "red", "title": {"tag": "plain_text", "content": title[:200]}},
        "elements": [
            {"tag": "div", "text": {"tag": "plain_text", "content": rest or title}},
            {"tag": "action", "actions": [action(one) for one in buttons(envelope)]},
        ],
    }


def action(one: Button) -> dict[str, object]:
    """One button of a card."""
    return {
        "tag": "button",
        "type": "primary" if one.answer is Answer.TAKE else "default",
        "text": {"tag": "plain_text", "content": one.label},
        "value": {"answer": one.value},
    }
