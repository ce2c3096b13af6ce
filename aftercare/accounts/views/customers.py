"""Customers: the list, one customer's page, making and changing them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import (
    can,
    customers_for,
    get_customer_for,
    needs,
    person,
    provider_only,
    signed_in,
)
from aftercare.accounts.actions.customers import create_customer, edit_customer
from aftercare.accounts.forms import CustomerFilterForm, CustomerForm
from aftercare.accounts.models import Customer
from aftercare.accounts.rules import can_manage_people_of
from aftercare.accounts.views.doors import stand_behind
from aftercare.accounts.views.filters import choice_of, search_of
from aftercare.accounts.views.parts import parts_for
from aftercare.kernel.clock import utc_now
from aftercare.web.paging import page_of

PER_PAGE = 50


@require_GET
@provider_only
@needs("see_customers")
def customer_list(request: HttpRequest) -> HttpResponse:
    """Every customer, filtered by name, rank and plan."""
    form = CustomerFilterForm(request.GET)
    customers = customers_for(request.user)
    if form.is_valid():
        customers = narrowed(customers, **form.cleaned_data)
    counted = customers.annotate(
        app_count=Count("apps", distinct=True),
        people_count=Count("people", filter=Q(people__is_active=True), distinct=True),
    )
    context = {
        "filters": [choice_of(form, "rank"), choice_of(form, "plan")],
        "search": search_of(form, "q"),
        "page": page_of(counted.order_by("name", "pk"), request, PER_PAGE),
        "is_filtered": any(request.GET.get(field) for field in form.fields),
        "can_manage": can(request.user, "manage_accounts"),
    }
    return render(request, "accounts/customer_list.html", context)


def narrowed(customers: QuerySet[Customer], *, q: str, rank: str, plan: str) -> QuerySet[Customer]:
    """The customers that fit every filter that is not empty; `q` is part of a name or of an app's."""
    if q:
        apps = Q(apps__name__icontains=q) | Q(apps__name_zh__icontains=q)
        found = Customer.objects.filter(Q(name__icontains=q) | Q(name_zh__icontains=q) | Q(ref=q) | apps)
        customers = customers.filter(pk__in=found.values("pk"))
    if rank:
        customers = customers.filter(rank=rank)
    return customers.filter(plan=plan) if plan else customers


@require_GET
@signed_in
def company(request: HttpRequest) -> HttpResponse:
    """A customer's own page under an address that holds for all of them."""
    own = person(request).customer
    if own is None:
        raise Http404
    return redirect("accounts:customer", own.ref)


@require_GET
@signed_in
def customer_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One customer: apps, people and keys; upper rooms' parts are loaded into it."""
    customer = get_customer_for(request.user, ref)
    user = person(request)
    stand_behind(request, customer)
    context = {
        "customer": customer,
        "apps": customer.apps.annotate(key_count=Count("keys", filter=Q(keys__revoked_at__isnull=True))),
        "people": customer.people.all(),
        "keys": customer.keys.select_related("app", "replaced_by").order_by("app__name", "-pk")[:PER_PAGE],
        "parts": parts_for(customer),
        "now": utc_now(),
        "can_edit": user.is_provider and can(user, "manage_accounts"),
        "can_manage_people": can_manage_people_of(user, customer),
        "can_manage_keys": can(user, "manage_keys"),
        "can_see_telemetry": can(user, "see_telemetry"),
        "can_request_data": can(user, "erase_user_data"),
    }
    return render(request, "accounts/customer_page.html", context)


@require_http_methods(["GET", "POST"])
@provider_only
@needs("manage_accounts")
def customer_new(request: HttpRequest) -> HttpResponse:
    """Take on a customer."""
    form = CustomerForm(request.POST or None, initial=CustomerForm.initial_of(None))
    if request.method == "POST" and form.is_valid():
        customer = create_customer(facts=form.facts(), actor=person(request), now=utc_now())
        messages.success(request, _("The customer was added."))
        return redirect("accounts:customer", customer.ref)
    return render(request, "accounts/customer_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@signed_in
def customer_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Change what is known of a customer; the provider's business alone."""
    customer = get_customer_for(request.user, ref)
    user = person(request)
    if not (user.is_provider and can(user, "manage_accounts")):
        raise PermissionDenied("manage_accounts")
    form = CustomerForm(request.POST or None, initial=CustomerForm.initial_of(customer))
    if request.method == "POST" and form.is_valid():
        edit_customer(customer=customer, facts=form.facts(), actor=user, now=utc_now())
        messages.success(request, _("Saved."))
        return redirect("accounts:customer", customer.ref)
    return render(request, "accounts/customer_form.html", {"form": form, "customer": customer})
