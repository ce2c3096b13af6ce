"""Asking somebody to take one's time, and taking it."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from aftercare.accounts.access import needs, person, provider_only
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_swap_for
from aftercare.oncall.forms import SwapForm
from aftercare.oncall.queries.people import takers

Write = Callable[..., None]


def swap_write(write: Write) -> Callable[..., HttpResponseBase]:
    """A POST of staff who take pages; a refusal is a message on the page of the on-call, which follows."""

    @provider_only
    @needs("acknowledge_pages")
    @require_POST
    @wraps(write)
    def view(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            write(request, **named)
        except Refused as refused:
            messages.error(request, refused.sentence)
        return redirect("oncall:oncall")

    return view


@swap_write
def ask(request: HttpRequest) -> None:
    """Ask the others on the schedule."""
    form = SwapForm(request.POST)
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors))
    actions.ask_swap(**form.cleaned_data, user=person(request), now=utc_now())


@swap_write
def take(request: HttpRequest, ref: str) -> None:
    """Stand in oneself, or let a colleague do it (`taker`, by ref), which is a manager's."""
    swap, user = get_swap_for(request.user, ref), person(request)
    told = request.POST.get("taker", "")
    taker = get_object_or_404(takers(), ref=told) if told else user
    actions.take_swap(swap=swap, taker=taker, actor=user, now=utc_now())


@swap_write
def give_back(request: HttpRequest, ref: str) -> None:
    """Not, after all."""
    actions.give_swap_back(swap=get_swap_for(request.user, ref), actor=person(request), now=utc_now())


@swap_write
def withdraw(request: HttpRequest, ref: str) -> None:
    """Nobody needs to take it any more."""
    actions.withdraw_swap(swap=get_swap_for(request.user, ref), actor=person(request), now=utc_now())
