"""What a page says where only an approved template speaks: short variables, no link, no sign that carriers refuse."""

import re
import unicodedata

from aftercare.notify.answers import reply_code
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import CODE_KIND

LINK = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|www\.)\S+", re.IGNORECASE)
# Signs that templates take for their own marks, or that carriers refuse (help.aliyun.com document_detail/463270).
REFUSED_SIGNS = str.maketrans(dict.fromkeys("【】[]{}<>$'\"\\`#*|★※→①『』「」〖〗", " "))
# What a variable may hold where the account does not say otherwise, by kind of account: Aliyun's notices 35
# (developer.aliyun.com ask/220871), Tencent's 6 (cloud.tencent.com document/product/382/13301; older pages say 12 for
# persons and no limit for companies: whoever has more enters it). A call as a whole may hold 350 at Tencent's
# (cloud.tencent.com document/api/1128/51558), which four variables of 60 stay below.
VARIABLE_AT_MOST = {("sms", "aliyun"): 35, ("sms", "tencent"): 6}
SPOKEN_AT_MOST = 60
DEFAULT_PARAMS = ("title", "severity")
KNOWN_PARAMS = ("title", "severity", "at", "reply")
NOTHING = "-"


def params_of(account: Credentials, envelope: Envelope) -> dict[str, str]:
    """The template's variables by the names that the account gives them, in its order: `title=what severity`."""
    if envelope.kind == CODE_KIND:
        return {"code": envelope.secret_url}
    at_most = length_of(account, envelope.channel)
    said = {
        "title": envelope.title,
        "reply": reply_code(envelope.ref),
        **{name: str(word) for name, word in (envelope.data.get("spoken") or {}).items()},
    }
    asked = str(account.config.get("template_params", "")).replace(",", " ").split() or list(DEFAULT_PARAMS)
    pairs = (word.partition("=")[::2] for word in asked)
    return {own or name: fitted(said.get(name, ""), at_most) for name, own in pairs}


def length_of(account: Credentials, channel: str) -> int:
    """How long a variable may be: as the account's `param_length` says, else as the vendor's rules do."""
    own = str(account.config.get("param_length", ""))
    return (
        int(own)
        if own.isdecimal() and 0 < int(own) < 1000
        else VARIABLE_AT_MOST.get((channel, account.vendor), SPOKEN_AT_MOST)
    )


def fitted(text: str, at_most: int) -> str:
    """The text without links and refused signs, on one line, cut; a dash for nothing: no variable may be empty."""
    text = LINK.sub(" ", text).translate(REFUSED_SIGNS)
    text = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)
    return " ".join(text.split())[:at_most].strip() or NOTHING


def local_number(number: str) -> str:
    """As Aliyun writes it: a mainland number without +86, another with its country's code and no plus."""
    return number.removeprefix("+86") if number.startswith("+86") else number.removeprefix("+")
