"""What was sent to me."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from aftercare.notify.access import deliveries_for
from aftercare.web.paging import page_of


@login_required
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """My notifications, newest first."""
    page = page_of(deliveries_for(request.user), request, per_page=50)
    return render(request, "notify/notifications.html", {"page": page})
