"""Where the provider sets its status pages, and where a customer finds the address of theirs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from aftercare.accounts.access import View, can, get_customer_for, needs, person, provider_only, require
from aftercare.accounts.models import User
from aftercare.desk.access import get_group_for, groups_for
from aftercare.incidents.models import ComponentState, StatusComponent, StatusGroup, StatusPage
from aftercare.incidents.status import keeping
from aftercare.incidents.status.addresses import url_of
from aftercare.incidents.status.forms import ComponentForm, PublicForm
from aftercare.incidents.status.in_groups import let_hear
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

Deed = Callable[[HttpRequest, User, datetime], None]


@login_required
@require_safe
def status_pages(request: HttpRequest) -> HttpResponse:
    """The pages with their addresses and components; a customer's people see the address of theirs."""
    return shown(request, person(request))


def shown(request: HttpRequest, user: User, error: str = "", status: int = 200) -> HttpResponse:
    """The page."""
    pages = StatusPage.objects.select_related("customer").annotate(
        subscribers=Count("subscriptions", filter=Q(subscriptions__confirmed_at__isnull=False))
    )
    if not user.is_provider:
        own = pages.filter(customer=user.customer_id, is_open=True).first()
        public = pages.filter(customer=None, is_open=True).first()
        mine: dict[str, Any] = {"own": own, "own_url": url_of(own) if own else "", "public": public, "error": error}
        mine |= {"groups": hearing(user) if own else [], "may_choose": can(user, "manage_accounts")}
        return render(request, "incidents/status/mine.html", mine, status=status)
    public = pages.filter(customer=None).first()
    may_manage = can(user, "manage_oncall")
    private = [
        {"page": one, "url": url_of(one) if may_manage else ""}
        for one in pages.filter(customer__isnull=False, is_open=True).order_by("customer__name")
    ]
    initial = model_to_dict(public, PublicForm.base_fields) if public else {"timezone": "Asia/Shanghai"}
    context: dict[str, Any] = {
        "public": public,
        "public_url": url_of(public) if public and public.is_open else "",
        "private": private,
        "components": StatusComponent.objects.filter(customer=None),
        "states": [choice for choice in ComponentState.choices if choice[0] != ComponentState.UNKNOWN],
        "public_form": PublicForm(initial=initial),
        "component_form": ComponentForm(),
        "without": keeping.customers_without(),
        "may_manage": may_manage,
        "may_choose": may_manage,
        "groups": hearing(user),
        "error": error,
    }
    return render(request, "incidents/status/pages.html", context, status=status)


def hearing(user: User) -> list[dict[str, Any]]:
    """The service groups that could hear of a customer's page, and which of them do."""
    chosen = set(StatusGroup.objects.values_list("group_id", flat=True))
    groups = groups_for(user).filter(enabled=True, customer__status_page__is_open=True)
    return [{"group": group, "hears": group.pk in chosen} for group in groups.order_by("customer__name", "name", "pk")]


def deed(do: Deed) -> View:
    """A view out of a deed of a manager of the provider's."""

    @provider_only
    @needs("manage_oncall")
    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        user = person(request)
        try:
            do(request, user, utc_now())
        except Refused as refused:
            return shown(request, user, refused.sentence, 409)
        return redirect("incidents:status_pages")

    return view


@deed
def public(request: HttpRequest, user: User, now: datetime) -> None:
    """Open the public page, change it, or close it."""
    if "close" in request.POST:
        page = StatusPage.objects.filter(customer=None).first()
        if page is not None:
            keeping.close_page(page=page, actor=user, now=now)
        return
    form = PublicForm(request.POST)
    if not form.is_valid():
        raise Refused(form.first_error())
    keeping.save_public(facts=form.facts(), actor=user, now=now)


@deed
def private(request: HttpRequest, user: User, now: datetime) -> None:
    """Open a customer's page, one for everybody who has none, give it another address, or close it."""
    if request.POST.get("customer") == "all":
        for customer in keeping.customers_without():
            keeping.open_private(customer=customer, actor=user, now=now)
        return
    customer = get_customer_for(user, request.POST.get("customer", "")[:16].replace("\x00", ""))
    page = StatusPage.objects.filter(customer=customer).first()
    if "renew" in request.POST and page is not None:
        keeping.renew_address(page=page, actor=user, now=now)
    elif "close" in request.POST and page is not None:
        keeping.close_page(page=page, actor=user, now=now)
    else:
        keeping.open_private(customer=customer, actor=user, now=now)


@login_required
@require_POST
def groups(request: HttpRequest) -> HttpResponse:
    """Let a group hear what changes on its customer's page, or no more: by a manager or the customer's own admin."""
    user = person(request)
    require(user, "manage_oncall" if user.is_provider else "manage_accounts")
    group = get_group_for(user, request.POST.get("group", "")[:16].replace("\x00", ""))
    try:
        let_hear(group=group, hears="off" not in request.POST, actor=user, now=utc_now())
    except Refused as refused:
        return shown(request, user, refused.sentence, 409)
    return redirect("incidents:status_pages")


@deed
def components(request: HttpRequest, user: User, now: datetime) -> None:
    """Add a component, say how one is, or take one away."""
    ref = request.POST.get("component", "")[:16].replace("\x00", "")
    if not ref:
        form = ComponentForm(request.POST)
        if not form.is_valid():
            raise Refused(form.first_error())
        component = keeping.add_component(facts=form.facts(), actor=user, now=now)
        messages.success(request, component.display_name)
        return
    found = get_object_or_404(StatusComponent, ref=ref)
    if "remove" in request.POST:
        keeping.remove_component(component=found, actor=user, now=now)
    else:
        keeping.say_state(component=found, state=request.POST.get("state", ""), actor=user, now=now)
