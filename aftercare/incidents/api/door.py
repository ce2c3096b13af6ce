"""Who may do something to an incident over the API, and whom their refs name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.incidents.access import get_incident_for
from aftercare.incidents.models import Incident
from aftercare.kernel.errors import Refused

Row = TypeVar("Row", bound=Model)
MOST_NAMED = 1_000


def provider_at(request: HttpRequest, ref: str, capability: str = "act_on_incidents") -> tuple[User, Incident]:
    """The caller and the incident. Raises Http404 for a stranger, Forbidden without the capability."""
    user = person(request)
    incident = get_incident_for(user, ref)
    require(user, capability)
    if not user.is_provider:
        raise Http404
    return user, incident


def named(rows: QuerySet[Row], refs: Sequence[str], sentence: str) -> list[Row]:
    """The rows of these refs, in their order. Raises Refused with the `sentence` about the first that is none."""
    if len(refs) > MOST_NAMED:
        raise Refused(_("At most %(n)s can be named at once.") % {"n": MOST_NAMED})
    found = {row.ref: row for row in rows.filter(ref__in=refs)}  # type: ignore[attr-defined]
    for ref in refs:
        if ref not in found:
            raise Refused(sentence % {"ref": ref[:16]})
    return [found[ref] for ref in dict.fromkeys(refs)]


def instant(said: datetime | None) -> datetime | None:
    """The instant that a call names. Raises Refused for a time without its offset."""
    if said is not None and said.tzinfo is None:
        raise Refused(_("Write the time with its offset, like 2026-12-01T20:07:00+08:00."))
    return said


def person_out(user: User | None) -> dict[str, Any] | None:
    """A colleague, by name."""
    return {"ref": user.ref, "name": user.name} if user else None
