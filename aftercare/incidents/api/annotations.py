"""Writing under the lines of an incident's story, over the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from aftercare.incidents.annotating.actions import annotate, change_annotation, withdraw_annotation
from aftercare.incidents.api.door import provider_at
from aftercare.incidents.api.incidents import whole
from aftercare.incidents.api.schemas import IncidentOut
from aftercare.kernel.clock import utc_now

router = Router(tags=["incidents"])


class AnnotationIn(Schema):
    """Words under a line."""

    text: str


class AnnotationChangeIn(AnnotationIn):
    """The words as they should be; `seen` is the `number` that you looked at."""

    seen: int


@router.post("/incidents/{ref}/timeline/{entry}/annotations", response=IncidentOut, summary="Write under a line")
def add_annotation(request: HttpRequest, ref: str, entry: int, facts: AnnotationIn) -> dict[str, Any]:
    """Customers never read it. The same words there are once."""
    user, incident = provider_at(request, ref)
    annotate(incident=incident, entry_id=small(entry), text=facts.text, author=user, now=utc_now())
    return whole(request, ref)


@router.put("/incidents/{ref}/annotations/{annotation}", response=IncidentOut, summary="Write an annotation anew")
def put_annotation(request: HttpRequest, ref: str, annotation: int, facts: AnnotationChangeIn) -> dict[str, Any]:
    """One's own; refused where it was written anew since. What it said before stays."""
    user, incident = provider_at(request, ref)
    pk, now = small(annotation), utc_now()
    change_annotation(incident=incident, annotation_id=pk, text=facts.text, seen=facts.seen, actor=user, now=now)
    return whole(request, ref)


@router.delete("/incidents/{ref}/annotations/{annotation}", response=IncidentOut, summary="Withdraw an annotation")
def take_annotation_back(request: HttpRequest, ref: str, annotation: int) -> dict[str, Any]:
    """One's own; it is shown no more, and stays."""
    user, incident = provider_at(request, ref)
    withdraw_annotation(incident=incident, annotation_id=small(annotation), actor=user, now=utc_now())
    return whole(request, ref)


def small(number: int) -> int:
    """A number that can be one of a row; 0, which none has, for any other."""
    return number if 0 < number < 2**31 else 0
