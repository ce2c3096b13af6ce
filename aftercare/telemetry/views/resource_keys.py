"""A key for one of the provider's own resources. Its secret is in the answer to its making and nowhere else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import needs, person, provider_only
from aftercare.accounts.actions.keys import issue_resource_key
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.access import get_resource_for
from aftercare.telemetry.forms import ResourceKeyForm


@require_http_methods(["GET", "POST"])
@never_cache
@provider_only
@needs("manage_keys")
def resource_key_new(request: HttpRequest, ref: str) -> HttpResponse:
    """Issue a key with which this resource reports; what it sends belongs to the provider."""
    resource = get_resource_for(request.user, ref)
    form = ResourceKeyForm(request.POST or None, initial={"label": resource.name})
    if request.method == "POST" and form.is_valid():
        issued = issue_resource_key(
            resource_ref=resource.ref, actor=person(request), now=utc_now(), **form.cleaned_data
        )
        context = {
            "key": issued.key,
            "secret": issued.secret,
            "resource_name": resource.name,
            "back": reverse("telemetry:resource", args=[resource.ref]),
        }
        return render(request, "accounts/key_issued.html", context)
    context = {"form": form, "resource": resource}
    return render(request, "telemetry/resource_key_form.html", context, status=400 if form.errors else 200)
