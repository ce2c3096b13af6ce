"""Adding and changing a customer's apps."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import get_customer_for, person, require, signed_in
from aftercare.accounts.actions.customers import create_app, edit_app
from aftercare.accounts.forms import AppForm
from aftercare.accounts.views.doors import stand_behind
from aftercare.kernel.clock import utc_now


@require_http_methods(["GET", "POST"])
@signed_in
def app_new(request: HttpRequest, ref: str) -> HttpResponse:
    """Add an app to a customer."""
    customer = get_customer_for(request.user, ref)
    require(request.user, "manage_accounts")
    stand_behind(request, customer)
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        create_app(customer=customer, facts=form.facts(), actor=person(request), now=utc_now())
        messages.success(request, _("The app was added. Issue a key so that it can report."))
        return redirect("accounts:customer", customer.ref)
    return render(request, "accounts/app_form.html", {"form": form, "customer": customer})


@require_http_methods(["GET", "POST"])
@signed_in
def app_edit(request: HttpRequest, ref: str, app_ref: str) -> HttpResponse:
    """Change what is known of an app."""
    customer = get_customer_for(request.user, ref)
    app = get_object_or_404(customer.apps, ref=app_ref)
    require(request.user, "manage_accounts")
    stand_behind(request, customer)
    form = AppForm(request.POST or None, initial=AppForm.initial_of(app))
    if request.method == "POST" and form.is_valid():
        edit_app(app=app, facts=form.facts(), actor=person(request), now=utc_now())
        messages.success(request, _("Saved."))
        return redirect("accounts:customer", customer.ref)
    return render(request, "accounts/app_form.html", {"form": form, "customer": customer, "app": app})
