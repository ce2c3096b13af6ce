"""Search over the desk."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from aftercare.accounts.access import person
from aftercare.accounts.models import User
from aftercare.desk.models import Kind
from aftercare.desk.search.asking import LONGEST
from aftercare.desk.search.finding import PER_PAGE, Found, find
from aftercare.desk.search.showing import hits_of


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """What was found, one kind at a time, counts of all kinds beside it."""
    user = person(request)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    found = find(user, words, kind=kind_of(request), page=number_of(request.GET.get("page", "")))
    context: dict[str, Any] = {
        "words": words,
        "found": found,
        "hits": hits_of(user, found),
        "tabs": tabs_of(user, words, found),
        "first": (found.page - 1) * PER_PAGE + 1,
        "last": (found.page - 1) * PER_PAGE + len(found.documents),
        "previous_url": page_url(words, found, found.page - 1) if found.page > 1 else "",
        "next_url": page_url(words, found, found.page + 1) if found.page < found.pages else "",
    }
    return render(request, "desk/search.html", context)


def kind_of(request: HttpRequest) -> Kind:
    """The kind that the address asks for, tickets when it says nothing of sense."""
    return {"group": Kind.GROUP, "contact": Kind.CONTACT}.get(request.GET.get("kind", ""), Kind.TICKET)


def number_of(text: str) -> int:
    """The page's number; 1 for anything that is none."""
    return int(text) if text.isdecimal() and len(text) < 6 else 1


def tabs_of(user: User, words: str, found: Found) -> list[dict[str, Any]]:
    """A tab for each kind that the reader can find."""
    kinds = list(Kind) if user.is_provider else [Kind.TICKET]
    return [
        {
            "label": kind.label,
            "url": "?" + urlencode({"q": words, "kind": kind.name.lower()}),
            "is_current": kind == found.kind,
            "count": found.counts.get(kind, 0),
        }
        for kind in kinds
    ]


def page_url(words: str, found: Found, page: int) -> str:
    """The address of another page of the same."""
    return "?" + urlencode({"q": words, "kind": found.kind.name.lower(), "page": str(page)})
