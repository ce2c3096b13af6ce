"""Matrix: words go into a room in the name of a virtual user, one for each person who speaks.

The homeserver keeps a transaction id for the sender and answers a second request with the first one's event: the
delivery's ref as that id is why a message sent again after a crash stands in the room once.
"""

import time
from typing import Any

from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import NoAnswer, NotSent
from aftercare.notify.clients.matrix import Homeserver, MatrixError, escaped
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, unknown
from aftercare.notify.types import in_parts

TIMEOUT_S = 15.0
CALL_S = 5.0
# An event may have 65,536 bytes in all (client-server API, size limits); what is not the body is far below the rest.
BODY_BYTES = 48_000
LATER = frozenset({"M_LIMIT_EXCEEDED", "M_UNKNOWN", "M_RESOURCE_LIMIT_EXCEEDED"})


def send(envelope: Envelope) -> Outcome:
    """Say it in the room. Never raises."""
    if envelope.account is None:
        return permanent(_("No account with the vendor is set up for this"))
    try:
        server = Homeserver.of(envelope.account)
    except KeyError as error:
        return permanent(_("The account with the vendor is incomplete"), str(error))
    try:
        return sent(say(server, envelope))
    except NotSent as error:
        return temporary(_("The homeserver cannot be reached"), str(error))
    except NoAnswer as error:
        return unknown(_("No answer"), str(error))
    except MatrixError as error:
        return verdict_of(error)


def verdict_of(error: MatrixError) -> Outcome:
    """What the homeserver's refusal means for the delivery."""
    if error.status >= 500 or error.status == 429 or error.errcode in LATER:
        return temporary(_("The homeserver cannot take it now"), str(error))
    if error.status == 403:
        return permanent(_("Our user is not in the room and nobody lets it in: invite it there"), str(error))
    if error.status == 401:
        return permanent(_("The homeserver does not know our token: load the registration file there"), str(error))
    return permanent(_("The homeserver refused it"), str(error))


def say(server: Homeserver, envelope: Envelope) -> str:
    """Send all parts; returns the first one's event id. Raises as `Homeserver.ask` does."""
    ends = time.monotonic() + TIMEOUT_S
    speaker = str(envelope.data.get("speaker_ref", ""))
    user = server.user_id(server.prefix + speaker if speaker else server.sender)
    first = ""
    for number, part in enumerate(in_parts(text_of(envelope), BODY_BYTES), start=1):
        txn = envelope.ref if number == 1 else f"{envelope.ref}.{number}"
        content: dict[str, Any] = {"msgtype": "m.text" if speaker else "m.notice", "body": part}
        if envelope.data.get("reply_to") and number == 1:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": envelope.data["reply_to"]}}
        path = f"v3/rooms/{escaped(envelope.address)}/send/m.room.message/{escaped(txn)}"
        try:
            said = server.ask("PUT", path, content, user=user, timeout_s=left_s(ends))
        except MatrixError as error:
            if error.status != 403:
                raise
            enter(server, envelope.address, user, envelope.title if speaker else "Aftercare", ends)
            said = server.ask("PUT", path, content, user=user, timeout_s=left_s(ends))
        first = first or str(said.get("event_id", ""))
    return first


def enter(server: Homeserver, room: str, user: str, name: str, ends: float) -> None:
    """Make the user on its first words, give it its person's name, and bring it into the room."""
    localpart = user.removeprefix("@").partition(":")[0]
    wish = {"type": "m.login.application_service", "username": localpart, "inhibit_login": True}
    try:
        server.ask("POST", "v3/register", wish, timeout_s=left_s(ends))
    except MatrixError as error:
        if error.errcode != "M_USER_IN_USE":
            raise
    path = f"v3/profile/{escaped(user)}/displayname"
    server.ask("PUT", path, {"displayname": name[:100]}, user=user, timeout_s=left_s(ends))
    try:
        server.ask("POST", f"v3/rooms/{escaped(room)}/join", {}, user=user, timeout_s=left_s(ends))
    except MatrixError as error:
        if error.status != 403 or user == server.user_id(server.sender):
            raise
        server.ask("POST", f"v3/rooms/{escaped(room)}/join", {}, timeout_s=left_s(ends))  # ours may be invited only
        server.ask("POST", f"v3/rooms/{escaped(room)}/invite", {"user_id": user}, timeout_s=left_s(ends))
        server.ask("POST", f"v3/rooms/{escaped(room)}/join", {}, user=user, timeout_s=left_s(ends))


def left_s(ends: float) -> float:
    """What one call may take of what is left. Raises NotSent when nothing is."""
    left = min(ends - time.monotonic(), CALL_S)
    if left <= 0:
        raise NotSent(f"{TIMEOUT_S:g} s")
    return left


def text_of(envelope: Envelope) -> str:
    """The words, marked where they may have been said before; a homeserver that still knows them says them once."""
    return f"↻ {envelope.body}" if envelope.repeat else envelope.body
