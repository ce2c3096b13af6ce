"""WeCom: the card with buttons that an app sends to one person (template_card, button_interaction).

Documents: developer.work.weixin.qq.com path/90236 (at most six buttons; `task_id` once in an app, of letters, digits,
`_`, `-` and `@`, at most 128 bytes; `key` at most 1,024 bytes),
path/96458 and path/90376 (template_card_event: `EventKey` is the button's key, `FromUserName` who pressed it).
"""

from aftercare.notify.adapters.vendors import speaking as vendor
from aftercare.notify.adapters.vendors.buttons import Button, buttons
from aftercare.notify.envelope import Envelope
from aftercare.notify.models import Answer

TITLE_AT_MOST, TEXT_AT_MOST, BUTTON_AT_MOST = 64, 200, 20
BUTTONS_AT_MOST = 6
BLUE, GREY = 1, 2


def card_of(envelope: Envelope) -> dict[str, object]:
    """The card; whoever presses beside the buttons comes to the page. Each attempt is a task of its own: WeCom refuses
    one that it knows, and nobody could say whether the first arrived.
    """
    title, body = (vendor.defused(text, "<a", "<@") for text in (envelope.title, envelope.body))
    return {
        "card_type": "button_interaction",
        "main_title": {"title": title[:TITLE_AT_MOST]},
        "sub_title_text": body[:TEXT_AT_MOST] or title[:TEXT_AT_MOST],
        "card_action": {"type": 1, "url": envelope.url},
        "task_id": f"{envelope.ref}@{int(envelope.at.timestamp() * 1000)}",
        "button_list": [button_of(one) for one in buttons(envelope)[:BUTTONS_AT_MOST]],
    }


def button_of(one: Button) -> dict[str, object]:
    """One button of the card."""
    return {"text": one.label[:BUTTON_AT_MOST], "style": BLUE if one.answer is Answer.TAKE else GREY, "key": one.value}
