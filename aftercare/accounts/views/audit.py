"""The audit as a page. It lives here because it names people and customers, which the audit room cannot know."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from aftercare.accounts.access import needs, provider_only
from aftercare.accounts.forms import AuditFilterForm
from aftercare.accounts.models import Customer, User
from aftercare.accounts.views.filters import choice_of
from aftercare.audit.models import Entry
from aftercare.audit.queries import list_entries
from aftercare.audit.words import action_name, named_actions
from aftercare.web.paging import page_of

NOBODY = -1


@dataclass(frozen=True)
class Line:
    """An entry with its names in the reader's language."""

    entry: Entry
    action: str
    person: User | None
    customer: Customer | None
    facts: list[tuple[str, str]]


@require_GET
@provider_only
@needs("see_audit")
def audit(request: HttpRequest) -> HttpResponse:
    """What was done: newest first, filtered by action, person, customer, thing and time."""
    form = AuditFilterForm(request.GET)
    page = page_of(list_entries(**filters(form.cleaned_data)) if form.is_valid() else Entry.objects.none(), request)
    context = {
        "form": form,
        "page": page,
        "lines": lines_of(page.rows),
        "filters": [
            choice_of(form, "action", [("", _("Any action")), *named_actions()]),
            choice_of(
                form, "person", [("", _("Anybody")), *((p.ref, p.name) for p in User.objects.order_by("name")[:500])]
            ),
            choice_of(
                form,
                "customer",
                [("", _("Any customer")), *((c.ref, c.display_name) for c in Customer.objects.all()[:500])],
            ),
        ],
        "is_filtered": any(request.GET.get(field) for field in form.fields),
    }
    return render(request, "accounts/audit.html", context)


def filters(cleaned: dict[str, Any]) -> dict[str, Any]:
    """The form's refs as the numbers the audit keeps; a ref that nobody has finds nothing."""
    person_ref, customer_ref = cleaned["person"], cleaned["customer"]
    return {
        "action": cleaned["action"],
        "subject": cleaned["subject"],
        "since": cleaned["since"],
        "until": cleaned["until"],
        "actor_id": number_of(User.objects.filter(ref=person_ref)) if person_ref else None,
        "customer_id": number_of(Customer.objects.filter(ref=customer_ref)) if customer_ref else None,
    }


def number_of(found: Any) -> int:
    """The number of the one row found, or one that no row has."""
    return int(found.values_list("pk", flat=True).first() or NOBODY)


def lines_of(entries: list[Entry]) -> list[Line]:
    """The entries with people and customers looked up, two queries in all."""
    people = User.objects.in_bulk({e.actor_id for e in entries if e.actor_id})
    customers = Customer.objects.in_bulk({e.customer_id for e in entries if e.customer_id})
    return [
        Line(
            entry=entry,
            action=action_name(entry.action),
            person=people.get(entry.actor_id) if entry.actor_id else None,
            customer=customers.get(entry.customer_id) if entry.customer_id else None,
            facts=[(key.replace("_", " "), in_words(value)) for key, value in entry.detail.items()],
        )
        for entry in entries
    ]


def in_words(value: Any) -> str:
    """A value of an entry's detail: a change as `before → after`, a list with commas, a mapping as its pairs."""
    if isinstance(value, list):
        is_change = len(value) == 2 and value[0] != value[1]
        return (" → " if is_change else ", ").join(str(part) if part not in ("", None) else "—" for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {in_words(part)}" for key, part in value.items())
    return str(value)
