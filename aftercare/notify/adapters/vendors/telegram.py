"""Telegram: text by a bot.

Documents: core.telegram.org/bots/api (making requests, sendMessage, ResponseParameters) and bots/faq (limits). The text
goes without a parse mode, so that nothing in it is read as a tag. The token is part of the path: no sentence of ours
ever carries the path.
"""

from typing import Any

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, temporary, too_fast, unknown

BASE = "https://api.telegram.org"


def send(envelope: Envelope) -> Outcome:
    """Post the words in the chat, as a reply to the message that they belong to where there is one. Never raises."""
    try:
        account = vendor.account_of(envelope, "bot_token")
        body: dict[str, Any] = {"chat_id": envelope.address, "text": vendor.words_of(envelope)}
        body["link_preview_options"] = {"is_disabled": True}
        _chat, _colon, answers = str(envelope.data.get("reply_to", "")).rpartition(":")
        if answers.isdecimal():
            body["reply_parameters"] = {"message_id": int(answers), "allow_sending_without_reply": True}
        path = f"/bot{account.secrets['bot_token']}/sendMessage"
        return verdict_of(vendor.call(account, BASE, path, body=body))
    except Undelivered as undelivered:
        return undelivered.outcome


def verdict_of(answer: Answer) -> Outcome:
    """What `ok`, `error_code` and `description` mean; Telegram has no finer codes than its words."""
    said = answer.json()
    if said.get("ok") is True and isinstance(said.get("result"), dict):
        message = said["result"]
        return sent(f"{message.get('chat', {}).get('id', '')}:{message.get('message_id', '')}")
    code = said.get("error_code", answer.status)
    words = str(said.get("description", ""))
    detail = f"{code} {words[:200]}".strip()
    parameters = said.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    if code == 429:
        asked = parameters.get("retry_after", 5)
        wait_s = min(float(asked) if isinstance(asked, int | float) else 5.0, 3600.0)
        return too_fast(vendor.TOO_FAST, detail, wait_s=wait_s, whole_account=False)
    if code in (401, 404):
        return account_refused(vendor.KEY_REFUSED, detail)
    if code == 403:
        return permanent(vendor.NOT_IN_CHAT, detail)
    if code == 400 and ("chat not found" in words or "migrate_to_chat_id" in parameters):
        return permanent(vendor.NO_CHAT, detail)
    if code == 400 and "too long" in words:
        return permanent(vendor.TOO_LONG, detail)
    if code == 400 and "not enough rights" in words:
        return permanent(vendor.MUTED, detail)
    if isinstance(code, int) and code >= 500:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if said.get("ok") is False else unknown(vendor.NO_SENSE, detail)
