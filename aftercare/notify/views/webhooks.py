"""The company's webhooks: the list, each one's log of deliveries, and telling one again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import needs, person
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify import webhooks
from aftercare.notify.access import endpoints_for, get_endpoint_for
from aftercare.web.paging import page_of


@require_http_methods(["GET", "POST"])
@needs("manage_keys")
def endpoint_list(request: HttpRequest) -> HttpResponse:
    """List the webhooks, or add one."""
    user, error = person(request), ""
    if request.method == "POST":
        try:
            added = webhooks.add_endpoint(
                actor=user, url=request.POST.get("url", ""), events=request.POST.getlist("events"), now=utc_now()
            )
            return redirect("notify:webhook", added.ref)
        except Refused as refused:
            error = refused.sentence
    context = {
        "endpoints": endpoints_for(user),
        "kinds": webhooks.KINDS.items(),
        "error": error,
        "typed": request.POST.get("url", ""),
        "chosen": request.POST.getlist("events"),
    }
    return render(request, "notify/webhooks.html", context, status=400 if error else 200)


@require_GET
@needs("manage_keys")
def endpoint_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One webhook: its secret, and what it was told."""
    endpoint = get_endpoint_for(person(request), ref)
    page = page_of(endpoint.deliveries.order_by("-id"), request, per_page=50)
    return render(request, "notify/webhook.html", {"endpoint": endpoint, "page": page})


@require_POST
@needs("manage_keys")
def switch(request: HttpRequest, ref: str) -> HttpResponse:
    """Use it, or stop using it."""
    user = person(request)
    endpoint = get_endpoint_for(user, ref)
    webhooks.switch_endpoint(endpoint=endpoint, enabled=request.POST.get("enabled") == "1", actor=user, now=utc_now())
    return redirect("notify:webhook", ref)


@require_POST
@needs("manage_keys")
def remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget it."""
    user = person(request)
    webhooks.remove_endpoint(endpoint=get_endpoint_for(user, ref), actor=user, now=utc_now())
    return redirect("notify:webhooks")


@require_POST
@needs("manage_keys")
def replay(request: HttpRequest, ref: str, delivery: str) -> HttpResponse:
    """Tell one delivery again."""
    user = person(request)
    row = get_object_or_404(get_endpoint_for(user, ref).deliveries, ref=delivery)
    try:
        webhooks.replay(delivery=row, actor=user, now=utc_now())
        messages.success(request, _("It is on its way again, under the same webhook-id."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("notify:webhook", ref)
