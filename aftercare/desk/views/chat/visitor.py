"""What a chat window asks and says."""

import json
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from aftercare.desk import actions
from aftercare.desk.chat import history, limits
from aftercare.desk.chat.away import reach_of
from aftercare.desk.chat.live import tell_lookers
from aftercare.desk.chat.state import state_of, told
from aftercare.desk.downloads import as_download
from aftercare.desk.files import keep_file
from aftercare.desk.models import Attachment, Side
from aftercare.desk.views.chat.door import Visit, spend, window
from aftercare.kernel.errors import Refused

BODY_BYTES = 200_000


def said(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON object. Raises Refused for anything else."""
    try:
        found = json.loads(request.body) if int(request.headers.get("Content-Length") or 0) <= BODY_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(_("The message could not be read."))
    return found


def word(values: dict[str, Any], name: str) -> str:
    """A text out of it; empty where it is none."""
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


@window("GET", visitor=False)
def state(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Whether somebody is there, and how long it takes."""
    found = state_of(visit.widget, visit.visitor, now=visit.now)
    reach = reach_of(visit.visitor, visit.visitor.ticket if visit.visitor else None)
    read = visit.visitor.staff_read_to.ref if visit.visitor and visit.visitor.staff_read_to else ""
    return JsonResponse(
        {
            "mode": found.mode,
            "position": found.position,
            "wait_s": found.wait_s,
            "answer_by": found.answer_by.isoformat(),
            "agent": found.agent,
            "is_solved": found.is_solved,
            "sentence": told(found),
            "read": read,
            "reach": reach.sentence,
            "answers_to": reach.address,
            "may_tell_address": reach.may_tell,
        }
    )


@window("POST", visitor=False)
def session(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Begin: with the site's word for who it is, or without."""
    spend(limits.SESSIONS_OF_ADDRESS, visit.address, visit.now)
    identity = word(said(request), "identity")
    visitor, token = actions.begin_session(
        widget=visit.widget, identity=identity, language=visit.language, now=visit.now
    )
    return JsonResponse({"token": token, "name": visitor.contact.name}, status=201)


@window("GET", "POST")
def messages(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The words after those that the window has, or new ones."""
    if request.method == "GET":
        found = history.messages_after(visit.known, request.GET.get("after", "")[:16])
        return JsonResponse({"messages": [history.as_json(visit.known, message) for message in found]})
    spend(limits.MESSAGES, visit.known.ref, visit.now)
    spend(limits.MESSAGES_OF_ADDRESS, visit.address, visit.now)
    values = said(request)
    refs = values.get("files", [])
    wanted = [ref for ref in refs if isinstance(ref, str)] if isinstance(refs, list) else []
    files = Attachment.objects.filter(ref__in=wanted[:20], contact=visit.known.contact_id, message=None)
    message = actions.post_chat(
        visitor=visit.known,
        client_id=word(values, "client_id"),
        body=word(values, "body"),
        attachments=list(files),
        now=visit.now,
    )
    return JsonResponse(history.as_json(visit.known, message), status=201)


@window("POST")
def typing(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The visitor is writing."""
    spend(limits.SIGNS, visit.known.ref, visit.now)
    ticket = visit.known.ticket
    if ticket is not None:
        tell_lookers(ticket, {"kind": "chat_typing"}, now=visit.now)
    return HttpResponse(status=204)


@window("POST")
def reading(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The visitor has had everything up to this message before their eyes."""
    spend(limits.SIGNS, visit.known.ref, visit.now)
    message = history.message_of(visit.known, word(said(request), "ref")[:16])
    if message.side != Side.CUSTOMER:
        actions.read_chat(visitor=visit.known, message=message, by_staff=False, now=visit.now)
    return HttpResponse(status=204)


@window("POST")
def address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Where an answer is mailed if the visitor has left; empty takes it back."""
    spend(limits.SESSIONS_OF_ADDRESS, visit.address, visit.now)
    kept = actions.tell_address(visitor=visit.known, address=word(said(request), "email")[:254], now=visit.now)
    return JsonResponse({"answers_to": kept})


@window("POST")
def files(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take a file up; it is sent with the next message that names it."""
    spend(limits.FILES, visit.known.ref, visit.now)
    sent = request.FILES.get("file")
    if sent is None or sent.file is None:
        raise Refused(_("There was no file in it."))
    kept = keep_file(
        name=sent.name or "",
        stream=cast("BinaryIO", sent.file),
        uploaded_by=None,
        contact=visit.known.contact,
        now=visit.now,
    )
    told_of = {"ref": kept.ref, "name": kept.name, "size": kept.size, "refused": kept.why_refused}
    return JsonResponse(told_of, status=409 if kept.refused else 201)


@window("GET")
def file(request: HttpRequest, visit: Visit, ref: str) -> HttpResponseBase:
    """A file, as a download and nothing else."""
    return as_download(request, history.file_of(visit.known, ref))
