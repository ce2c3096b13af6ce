"""The small page behind a test call: it says that nothing is wrong, and one button answers."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aftercare.kernel.clock import utc_now
from aftercare.oncall import actions
from aftercare.oncall.models import TrialCall, TrialState
from aftercare.oncall.tokens import is_of_trial


@csrf_exempt
@require_http_methods(["GET", "POST"])
def signed_trial(request: HttpRequest, ref: str, token: str) -> HttpResponse:
    """By the link in the message, without signing in: GET shows it, POST answers. The signed token is the proof, so no
    cookie and no form token are needed; a scanner that fetches the link answers nothing.
    """
    trial = get_object_or_404(TrialCall.objects.select_related("user"), ref=ref)
    now, person = utc_now(), trial.user
    if not is_of_trial(trial, token, now) or not person.is_active:
        raise Http404
    if request.method == "POST":
        actions.answer_trial(trial=trial, now=now)
        return redirect(request.path)
    with translation.override(person.language or settings.LANGUAGE_CODE), timezone.override(person.timezone):
        context = {"trial": trial, "waits": trial.state == TrialState.CALLED or is_late(trial)}
        response = render(request, "oncall/trial.html", context)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def is_late(trial: TrialCall) -> bool:
    """Whether an answer would still be kept, though it comes too late."""
    return trial.state == TrialState.UNANSWERED and trial.answered_at is None
