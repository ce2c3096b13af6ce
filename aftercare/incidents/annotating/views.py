"""One line of the timeline with what people wrote under it, and the forms to write there."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import provider_with
from aftercare.accounts.models import User
from aftercare.incidents.access import get_incident_for, timeline_for
from aftercare.incidents.annotating.actions import Changed, annotate, change_annotation, withdraw_annotation
from aftercare.incidents.models import Annotation, Incident, TimelineEntry
from aftercare.incidents.timeline import entry_sentence, entry_text
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, ref: str) -> HttpResponse:
    """The line that `?entry` numbers. `annotation` with `seen` is written anew, or withdrawn with `withdraw`; without
    one, one is added.
    """
    user = provider_with(request, "act_on_incidents")
    incident = get_incident_for(user, ref)
    row = timeline_for(user, incident).filter(pk=number_of(request.GET.get("entry", ""))).first()
    if row is None:
        raise Http404
    if request.method == "GET":
        return shown(request, user, incident, row)
    try:
        write(request, user, incident, row)
    except Changed as changed:
        mine = {
            "error": changed.sentence,
            "present": changed.present,
            "of": number_of(request.POST.get("annotation", "")),
        }
        return shown(request, user, incident, row, mine)
    except Refused as refused:
        of = number_of(request.POST.get("annotation", ""))
        return shown(request, user, incident, row, {"error": refused.sentence, "of": of})
    return redirect(f"{reverse('incidents:line', args=[ref])}?entry={row.pk}")


def write(request: HttpRequest, user: User, incident: Incident, row: TimelineEntry) -> None:
    """What the form asks for."""
    text, of, now = request.POST.get("text", ""), number_of(request.POST.get("annotation", "")), utc_now()
    if not of:
        annotate(incident=incident, entry_id=row.pk, text=text, author=user, now=now)
    elif request.POST.get("withdraw"):
        withdraw_annotation(incident=incident, annotation_id=of, actor=user, now=now)
    else:
        seen = number_of(request.POST.get("seen", ""))
        change_annotation(incident=incident, annotation_id=of, text=text, seen=seen, actor=user, now=now)


def shown(
    request: HttpRequest, user: User, incident: Incident, row: TimelineEntry, failed: dict[str, Any] | None = None
) -> HttpResponse:
    """The page; after a failure with what was typed still in its form."""
    known = row.annotations.select_related("author").prefetch_related("versions")
    typed = request.POST.get("text", "") if failed else ""
    context = {
        "incident": incident,
        "entry": row,
        "sentence": entry_sentence(row, user),
        "text": entry_text(row),
        "annotations": [{"row": one, **own_form(one, user, failed, typed)} for one in known],
        "error": failed["error"] if failed else "",
        "draft": typed if failed and not failed["of"] else "",
    }
    return render(request, "incidents/annotating/line.html", context, status=409 if failed else 200)


def own_form(one: Annotation, user: User, failed: dict[str, Any] | None, typed: str) -> dict[str, Any]:
    """Whether the reader may change it, and what its form holds: what it says, or what was typed and not saved."""
    is_failed = bool(failed) and failed is not None and failed["of"] == one.pk
    return {
        "is_own": one.author_id == user.pk and one.withdrawn_at is None,
        "typed": typed if is_failed else one.text,
        "present": failed.get("present", "") if is_failed and failed else "",
    }


def number_of(said: str) -> int:
    """The number of a row that a form or an address names; 0, which none has, for anything else."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0
