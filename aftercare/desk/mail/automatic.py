"""Mail that no person wrote: answered by nothing, so that no two machines ever talk to each other here."""

import re
from dataclasses import dataclass
from email.message import Message
from enum import Enum

from aftercare.desk.mail.addresses import plain, takes_no_mail
from aftercare.desk.mail.parsing import MESSAGE_ID, Mail, first_values


class Kind(Enum):
    """PERSON: as far as headers tell. REPLY: an automatic answer. BULK: a list, a newsletter, a machine. BOUNCE: ours
    came back.
    """

    PERSON = "person"
    REPLY = "reply"
    BULK = "bulk"
    BOUNCE = "bounce"


# Subjects of automatic answers whose programs set no header (Exchange rules, older webmail).
OUT_OF_OFFICE = re.compile(
    r"^\s*(自动回复|自動回覆|自动答复|automatic reply|auto[- ]?reply|out of office)\s*[:：]", re.I
)
GIVEN_UP = re.compile(r"^(failed)$", re.I)


@dataclass(frozen=True)
class Bounced:
    """One address that a report names: whether it is given up for good, and what its server said."""

    address: str
    is_final: bool
    reason: str


def kind_of(mail: Mail, *, return_path: str | None) -> Kind:
    """What wrote it. `return_path` is the envelope's sender, None where it is not known."""
    told = mail.headers
    content = told.get("content-type", "").lower()
    if "multipart/report" in content and "delivery-status" in content:
        return Kind.BOUNCE
    submitted = told.get("auto-submitted", "no").split(";")[0].strip().lower()
    precedence = told.get("precedence", "").strip().lower()
    path = return_path if return_path is not None else told.get("return-path", "").strip()
    is_reply = (
        submitted == "auto-replied" or precedence == "auto_reply" or "x-autoreply" in told or "x-autorespond" in told
    )
    if is_reply or path == "<>" or (return_path == "" and not mail.sender.address) or OUT_OF_OFFICE.match(mail.subject):
        return Kind.REPLY
    if return_path == "" or takes_no_mail(mail.sender.address):
        return Kind.REPLY
    is_bulk = precedence in ("bulk", "list", "junk") or any(name in told for name in ("list-id", "list-unsubscribe"))
    suppressed = "x-auto-response-suppress" in told and submitted != "no"
    if submitted not in ("no", "") or is_bulk or suppressed:
        return Kind.BULK
    return Kind.PERSON


def wants_no_answer(mail: Mail) -> bool:
    """Whether a person's mail asks machines to stay silent (Exchange sets it on what people write, too)."""
    wished = mail.headers.get("x-auto-response-suppress", "").lower()
    return any(word in wished for word in ("all", "autoreply", "oof"))


def bounced_of(mail: Mail) -> tuple[list[Bounced], list[str]]:
    """What a delivery report (RFC 3464) says: the addresses, and the Message-IDs that the returned mail had."""
    found: list[Bounced] = []
    ids: list[str] = []
    for part in mail.message.walk() if mail.message is not None else ():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            found += recipients_of(part)
        elif kind == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            ids += MESSAGE_ID.findall(text.decode("ascii", "replace"))[:20] if isinstance(text, bytes) else []
        elif kind == "message/rfc822":
            inner = part.get_payload()
            for one in inner if isinstance(inner, list) else ():
                if isinstance(one, Message):
                    ids += MESSAGE_ID.findall(first_values(one).get("message-id", ""))
    return found[:50], ids


def recipients_of(status: "Message[str, str]") -> list[Bounced]:
    """The blocks of a delivery-status part that name a recipient."""
    blocks = status.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message):
            continue
        told = first_values(block)
        address = plain(told.get("final-recipient", told.get("original-recipient", "")).rpartition(";")[2])
        if address:
            is_final = GIVEN_UP.match(told.get("action", "").strip()) is not None
            reason = told.get("diagnostic-code", told.get("status", ""))
            found.append(Bounced(address, is_final and told.get("status", "5").strip().startswith("5"), reason[:200]))
    return found
