"""What customers said of how their tickets were solved."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from aftercare.accounts.access import person
from aftercare.desk.access import tickets_for
from aftercare.desk.quality import first_contact, ratings_for, satisfaction
from aftercare.kernel.clock import utc_now
from aftercare.web.paging import page_of

SPAN = timedelta(days=30)
# Below so many answers a share says nothing of anybody's work.
LEAST_ANSWERS = 10


@login_required
@require_GET
def ratings(request: HttpRequest) -> HttpResponse:
    """The last 30 days in figures, and every answer, newest first."""
    user, now = person(request), utc_now()
    said = ratings_for(user)
    context = {
        "satisfaction": satisfaction(said, now - SPAN, now),
        "first": first_contact(tickets_for(user), now - SPAN, now, now),
        "floor": LEAST_ANSWERS,
        "page": page_of(said.filter(rated_at__isnull=False).order_by("-rated_at"), request, per_page=50),
    }
    return render(request, "desk/ratings.html", context)
