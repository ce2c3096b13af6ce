"""Slack: text by the app's bot token.

Documents: docs.slack.dev reference/methods/chat.postMessage, apis/web-api/rate-limits, and formatting-message-text in
messaging (escaping). Slack answers 200 with `"ok": false` where it refuses.
"""

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.calling import Undelivered
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, temporary, too_fast, unknown

BASE = "https://slack.com"
OF_ACCOUNT = {
    **dict.fromkeys(
        ("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"), vendor.KEY_REFUSED
    ),
    **dict.fromkeys(("missing_scope", "no_permission", "not_allowed_token_type", "access_denied"), vendor.NO_RIGHT),
    "org_login_required": vendor.KEY_REFUSED,
    "team_access_not_granted": vendor.KEY_REFUSED,
}
FOR_GOOD = {
    "channel_not_found": vendor.NO_CHAT,
    "is_archived": vendor.NO_CHAT,
    "not_in_channel": vendor.NOT_IN_CHAT,
    "restricted_action": vendor.MUTED,
    "restricted_action_thread_locked": vendor.MUTED,
    "msg_too_long": vendor.TOO_LONG,
}
TOO_FAST = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# Slack says of these that some of the operation may have succeeded.
IN_DOUBT = frozenset({"fatal_error", "internal_error", "request_timeout"})


def send(envelope: Envelope) -> Outcome:
    """Post the words in the channel, in the thread that they belong to where there is one. Never raises."""
    try:
        account = vendor.account_of(envelope, "bot_token")
        body = {"channel": envelope.address, "text": escaped(vendor.words_of(envelope)), "mrkdwn": False}
        body |= {"unfurl_links": False, "unfurl_media": False}
        _channel, _colon, thread = str(envelope.data.get("reply_to", "")).partition(":")
        if thread:
            body["thread_ts"] = thread
        headers = {"Authorization": f"Bearer {account.secrets['bot_token']}"}
        return verdict_of(vendor.call(account, BASE, "/api/chat.postMessage", body=body, headers=headers))
    except Undelivered as undelivered:
        return undelivered.outcome


def escaped(text: str) -> str:
    """The three characters with which Slack's tags begin, as text: nobody's words call the whole channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def verdict_of(answer: Answer) -> Outcome:
    """What the answer means: `ok`, or Slack's word for what is wrong."""
    said = answer.json()
    error = str(said.get("error", ""))
    detail = error or f"HTTP {answer.status}"
    if answer.status == 429 or error in TOO_FAST:
        wait_s = vendor.seconds_to_wait(answer, "retry-after", otherwise=30.0)
        return too_fast(vendor.TOO_FAST, detail, wait_s=wait_s, whole_account=True)
    if said.get("ok") is True:
        return sent(f"{said.get('channel', '')}:{said.get('ts', '')}")
    if error in OF_ACCOUNT:
        return account_refused(OF_ACCOUNT[error], detail)
    if error in FOR_GOOD:
        return permanent(FOR_GOOD[error], detail)
    if error in IN_DOUBT:
        return unknown(vendor.NOT_NOW, detail)
    if error == "service_unavailable" or answer.status >= 500:
        return temporary(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if error else unknown(vendor.NO_SENSE, detail)
