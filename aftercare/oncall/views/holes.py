"""Showing what an edit would leave open before it holds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.oncall.actions.holes import OpensHoles

ACCEPTS = "accept_holes"


def accepts_holes(request: HttpRequest) -> bool:
    """Whether who sends this has seen what it leaves open."""
    return request.POST.get(ACCEPTS) == "1"


def shown_holes(request: HttpRequest, opens: OpensHoles) -> HttpResponse:
    """The times that would have nobody, with a button that sends the same once more and means it."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in (ACCEPTS, "csrfmiddlewaretoken")
    ]
    context = {"opens": opens, "fields": fields, "accepts": ACCEPTS}
    return render(request, "oncall/holes.html", context, status=409)
