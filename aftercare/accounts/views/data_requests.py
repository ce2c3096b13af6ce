"""Requests about end users' data."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import get_customer_for, person, require, signed_in
from aftercare.accounts.actions.data_requests import request_user_data
from aftercare.accounts.forms import DataRequestForm
from aftercare.accounts.views.doors import stand_behind
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of


@require_http_methods(["GET", "POST"])
@signed_in
def data_requests(request: HttpRequest, ref: str) -> HttpResponse:
    """A customer's requests and the form for a new one."""
    customer = get_customer_for(request.user, ref)
    require(request.user, "erase_user_data")
    stand_behind(request, customer)
    form = DataRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request_user_data(customer=customer, actor=person(request), now=utc_now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The request was filed. Its outcome will appear here."))
            return redirect("accounts:data_requests", customer.ref)
    rows = customer.data_requests.select_related("requested_by").order_by("-pk")
    context = {"customer": customer, "form": form, "page": page_of(rows, request)}
    return render(request, "accounts/data_requests.html", context)
