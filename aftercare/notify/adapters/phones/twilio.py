"""Twilio: messages and calls.

Documents: twilio.com docs/messaging/api/message-resource, docs/voice/api/call-resource, docs/voice/twiml/gather and
/say (a press of one key), docs/api/errors. What a call says is TwiML, sent with the request: nothing is fetched.
"""

import base64
from collections.abc import Mapping
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import Answer
from aftercare.notify.adapters.phones.aliyun import BAD_NUMBER
from aftercare.notify.adapters.phones.words import fitted
from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.answers import can_be_answered, reply_code
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import CODE_KIND, Channel
from aftercare.notify.outcome import Outcome, account_refused, permanent, sent, too_fast, unknown

BASE = "https://api.twilio.com"
RING_FOR_S = 30
SMS_AT_MOST = 480  # three segments of UCS-2 less their headers: 1,600 is what Twilio takes, and nobody reads
SPOKEN_AT_MOST = 400
REPLY_SO = _("Reply 1%(code)s: I have it. 2%(code)s: wake the next. 3%(code)s NAME: hand over. 4%(code)s: resolved.")
NO_SENDER = _("Twilio does not let this account use the number that it sends from")
NOT_THERE = _("Twilio may not send to this country: allow it in its console")
WRONG_NUMBER = frozenset({21211, 21214, 21217, 21614, 21265})
WRONG_SENDER = frozenset({21212, 21606, 21659, 21660, 21703, 21210})
NOT_ALLOWED = frozenset({21408, 21215, 21216})
STOPPED = 21610


def send(envelope: Envelope) -> Outcome:
    """Write or call. Raises Undelivered."""
    account = vendor.account_of(envelope, "account_sid", "auth_token", "from")
    if envelope.channel == Channel.SMS:
        return verdict_of(ask(account, "Messages", message(account, envelope)))
    return verdict_of(ask(account, "Calls", call_of(account, envelope)))


def message(account: Credentials, envelope: Envelope) -> dict[str, str]:
    """What a message is made of; a Messaging Service's id begins with MG."""
    sender = str(account.config["from"])
    by = {"MessagingServiceSid": sender} if sender.startswith("MG") else {"From": sender}
    return {"To": envelope.address, "Body": words_of(envelope), "StatusCallback": envelope.callback, **by}


def words_of(envelope: Envelope) -> str:
    """A text's words. No link goes to mainland China, whose carriers drop what has one."""
    with translation.override(envelope.language):
        if envelope.kind == CODE_KIND:
            return gettext("Aftercare code: %(code)s. It holds for ten minutes.") % {"code": envelope.secret_url}
        lines = [f"{envelope.title[:200]}", envelope.body[:200]]
        if can_be_answered(envelope.data):
            code = reply_code(envelope.ref)
            lines.append(gettext(REPLY_SO) % {"code": code})
    text = "\n".join(filter(None, lines))[:SMS_AT_MOST]
    return text if envelope.address.startswith("+86") else f"{text}\n{envelope.url}"


def call_of(account: Credentials, envelope: Envelope) -> dict[str, str]:
    """What a call is made of. Twilio tells at its end how it went."""
    return {
        "To": envelope.address,
        "From": str(account.config["from"]),
        "Twiml": spoken(envelope),
        "Timeout": str(RING_FOR_S),
        "StatusCallback": envelope.callback,
        "StatusCallbackMethod": "POST",
    }


def spoken(envelope: Envelope) -> str:
    """The TwiML of a call: what is wrong, and which key says what, three times. Nothing in it is anybody's markup."""
    language = "zh-CN" if envelope.language.startswith("zh") else "en-US"
    with translation.override(envelope.language):
        if envelope.kind == CODE_KIND:
            digits = ", ".join(envelope.secret_url)
            words = gettext("Your code for Aftercare: %(digits)s.") % {"digits": digits}
            return f"<Response>{say(words, language, 3)}</Response>"
        words = ". ".join(filter(None, (fitted(envelope.title, 160), fitted(envelope.body, 200))))
        if not can_be_answered(envelope.data):
            return f"<Response>{say(words, language, 2)}</Response>"
        words += ". " + gettext("Press 1 to take it, 2 to wake the next person, 4 if it is resolved.")
        silence = gettext("No key was pressed. Goodbye.")
    gather = f'<Gather input="dtmf" numDigits="1" timeout="8" action={quoteattr(envelope.callback)} method="POST">'
    return f"<Response>{gather}{say(words, language, 3)}</Gather>{say(silence, language, 1)}</Response>"


def say(words: str, language: str, times: int) -> str:
    """Words to be spoken, escaped."""
    return f"<Say language={quoteattr(language)} loop={quoteattr(str(times))}>{escape(words[:SPOKEN_AT_MOST])}</Say>"


def ask(account: Credentials, resource: str, form: Mapping[str, str]) -> Answer:
    """One call with Basic authentication. Raises Undelivered."""
    sid = str(account.config["account_sid"])
    pair = f"{sid}:{account.secrets['auth_token']}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(pair).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    path = f"/2010-04-01/Accounts/{quote(sid, safe='')}/{resource}.json"
    filled = {name: value for name, value in form.items() if value}
    return vendor.call(account, BASE, path, content=urlencode(filled).encode(), headers=headers)


def verdict_of(answer: Answer) -> Outcome:
    """What the answer means: 201 with a `sid`, or Twilio's `code` for what is wrong."""
    said = answer.json()
    if answer.status in (200, 201) and said.get("sid") and said.get("status") not in ("failed", "undelivered"):
        return sent(str(said["sid"]))
    code = said.get("code") or said.get("error_code") or 0
    detail = f"{code or f'HTTP {answer.status}'} {str(said.get('message') or said.get('error_message') or '')[:200]}"
    if answer.status == 429 or code in (20429, 14107):
        wait_s = vendor.seconds_to_wait(answer, "retry-after", otherwise=5.0)
        return too_fast(vendor.TOO_FAST, detail, wait_s=wait_s, whole_account=True)
    if answer.status == 401 or code in (20003, 20404):
        return account_refused(vendor.KEY_REFUSED, detail)
    if code in WRONG_SENDER:
        return account_refused(NO_SENDER, detail)
    if code in WRONG_NUMBER or code == STOPPED:
        return permanent(BAD_NUMBER, detail)
    if code in NOT_ALLOWED:
        return permanent(NOT_THERE, detail)
    if answer.status >= 500:
        return unknown(vendor.NOT_NOW, detail)
    return permanent(vendor.REFUSED, detail) if code else unknown(vendor.NO_SENSE, detail)
