"""The inbox over the API: views with counts, many tickets at once, the next one, and tickets to take away."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.access import person
from aftercare.desk import actions
from aftercare.desk.actions.claiming import claim_next
from aftercare.desk.api.door import staff
from aftercare.desk.api.schemas import Outcomes, TicketOut
from aftercare.desk.downloads import as_export
from aftercare.desk.filtering import as_query, filter_from
from aftercare.desk.inbox import COUNTED_TO
from aftercare.desk.models import SavedView, Ticket
from aftercare.desk.saved_views import View, counts_of, list_views, saved_views_for
from aftercare.kernel.clock import utc_now

router = Router(tags=["inbox"])
CSV = {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "array", "items": {}}}}


class ViewOut(Schema):
    """Filters under a name; `key` is a word for what everybody has (all, unclaimed, mine, snoozed), else a ref."""

    key: str
    name: str
    filters: dict[str, str] = Field(description="as the list of tickets takes them")
    is_own: bool
    is_shared: bool

    @staticmethod
    def resolve_filters(view: View) -> dict[str, str]:
        """The filters in words."""
        return as_query(view.filter)


class ViewIn(Schema):
    """Filters to keep; one's own view of the same name is replaced."""

    name: str
    filters: dict[str, str] = Field(default_factory=dict, description="status, severity, customer, mine, way, tag, q …")
    shared: bool = False


class CountsOut(Schema):
    """How many tickets each view holds, by its key; exact up to `counted_to`, one more than that means more."""

    counted_to: int
    counts: dict[str, int]


class BulkIn(Schema):
    """At most 100 tickets and what to do to each of them."""

    tickets: list[str]
    do: str = Field(description="claim, solve, severity:P2, assign:<person>, tag, snooze (a day), macro:<ref>")
    value: str = Field("", description="tags to add, for `tag`")


@router.get("/views", response=list[ViewOut], summary="Views of the inbox")
def views(request: HttpRequest) -> list[View]:
    """What everybody needs, then one's own and the shared ones."""
    return list_views(staff(request))


@router.post("/views", response={201: ViewOut}, summary="Save a view")
def save(request: HttpRequest, facts: ViewIn) -> Status[View]:
    """Keep filters under a name, for oneself or for everybody."""
    user = staff(request)
    filters = as_query(filter_from(facts.filters))
    view = actions.save_view(owner=user, name=facts.name, filters=filters, is_shared=facts.shared, now=utc_now())
    return Status(201, View(view.ref, view.name, filter_from(view.filters), True, view.is_shared))


@router.get("/views/counts", response=CountsOut, summary="How many tickets each view holds")
def counts(request: HttpRequest) -> dict[str, Any]:
    """Counts at most 15 s old."""
    user = staff(request)
    return {
        "counted_to": COUNTED_TO,
        "counts": counts_of(user, {view.key: view.filter for view in list_views(user)}),
    }


@router.delete("/views/{ref}", response={204: None}, summary="Remove a view")
def remove(request: HttpRequest, ref: str) -> Status[None]:
    """Take a view of one's own away."""
    user = staff(request)
    view: SavedView = get_object_or_404(saved_views_for(user), ref=ref, owner=user)
    actions.remove_view(view=view, actor=user, now=utc_now())
    return Status(204, None)


@router.post("/bulk", response=Outcomes, summary="Do the same to many tickets")
def bulk(request: HttpRequest, facts: BulkIn) -> dict[str, Any]:
    """Each in a transaction of its own: one that refuses keeps nothing from the others."""
    user = staff(request)
    return Outcomes.of(
        actions.do_in_bulk(refs=facts.tickets, what=facts.do, value=facts.value, user=user, now=utc_now())
    )


@router.post("/next", response={200: TicketOut, 204: None}, summary="Take the next ticket")
def take_next(request: HttpRequest) -> Status[Ticket | None]:
    """Claim the longest waiting ticket that fits the caller; 204 where nothing that fits waits."""
    ticket = claim_next(user=staff(request), now=utc_now())
    return Status(200 if ticket else 204, ticket)


@router.get(
    "/export/tickets",
    summary="Take tickets away",
    openapi_extra={"responses": {200: {"description": "The file, streamed", "content": CSV}}},
)
def export(
    request: HttpRequest, format: str = "csv", status: str = "", severity: str = "", customer: str = "", q: str = ""
) -> HttpResponseBase:
    """The tickets that the list shows under the same filters, with their messages, as `csv` or `json`."""
    told = {"status": status, "severity": severity, "customer": customer, "q": q.strip()}
    return as_export(request, person(request), filter_from(told), is_json=format == "json", now=utc_now())
