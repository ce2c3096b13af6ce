"""WeCom customer service (微信客服): words to one WeChat user, while WeCom lets us.

Our delivery's ref is the message's id there, and WeCom takes an id once: a repeat after a crash is refused as known,
which is as good as sent. Source: developer.work.weixin.qq.com/document/path/94677.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import NoAnswer, NotSent
from aftercare.notify.clients.wecom import LATER, WecomError, ask
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, unknown
from aftercare.notify.types import in_parts

TEXT_BYTES = 2048
WRONG_TOKEN = 95007
SENTENCES: Mapping[int, str] = {
    95000: _("WeCom knows no such customer service account"),
    95001: _("WeCom allows five messages after each of the customer's; they have to write first"),
    95002: _("The customer's last words are older than 48 hours; they have to write first"),
    95004: _("WeCom knows no such customer service account"),
    95013: _("The conversation in WeCom has ended; the customer has to write first"),
    95016: _("WeCom hands this conversation to somebody else now: take it back in WeCom"),
    95017: _("The API of this customer service account is switched off in WeCom"),
    95018: _("WeCom hands this conversation to somebody else now: take it back in WeCom"),
    40001: _("WeCom refuses our secret. Enter the one of customer service on the account's page"),
    60020: _("WeCom does not know our address: add it to the app's trusted addresses"),
}


def send(envelope: Envelope) -> Outcome:
    """Say it to the customer. Never raises."""
    account = envelope.account
    if account is None:
        return permanent(_("No account with the vendor is set up for this"))
    try:
        for number, part in enumerate(in_parts(envelope.body, TEXT_BYTES), start=1):
            say(account, envelope, part, envelope.ref if number == 1 else f"{envelope.ref}-{number}")
        return sent(envelope.ref)
    except KeyError as error:
        return permanent(_("The account with the vendor is incomplete"), str(error))
    except NotSent as error:
        return temporary(_("WeCom cannot be reached"), str(error))
    except NoAnswer as error:
        return unknown(_("No answer"), str(error))
    except WecomError as error:
        if error.errcode in LATER:
            return temporary(_("WeCom cannot take it now"), str(error))
        return permanent(SENTENCES.get(error.errcode, _("WeCom refused it")), str(error))


def say(account: Credentials, envelope: Envelope, text: str, msgid: str) -> None:
    """One message. An id that WeCom has already is no error. Raises as `clients.wecom.ask` does."""
    message = {
        "touser": envelope.address,
        "open_kfid": account.config["open_kfid"],
        "msgid": msgid,
        "msgtype": "text",
        "text": {"content": text},
    }
    try:
        ask(account, "kf/send_msg", message)
    except WecomError as error:
        if "msgid" not in error.said.lower() or error.errcode == WRONG_TOKEN:
            raise
