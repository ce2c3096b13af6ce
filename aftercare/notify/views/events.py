"""`/events`: the signed-in person's pushes as they happen."""

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from aftercare.notify import stream
from aftercare.notify.stream.events import event_stream


@require_GET
async def events(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events; 401 without a session, since a stream cannot follow a redirect to the sign-in page."""
    user = await request.auser()
    await sync_to_async(hand_back_connection)()
    if not user.is_authenticated:
        return HttpResponse("Sign in first.", status=401, content_type="text/plain; charset=utf-8")
    last_ref = request.headers.get("Last-Event-ID", "")[:16]
    body = event_stream(stream.hub(), user.pk, last_ref)
    response = StreamingHttpResponse(body, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def hand_back_connection() -> None:
    """Give this thread's database connection back: it is looked up here, since every thread has its own."""
    connection.close()
