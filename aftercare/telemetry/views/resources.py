"""The provider's own infrastructure: what there is, whom it serves, who is on it now."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, needs, person, provider_only
from aftercare.accounts.models import IngestKey
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.access import get_resource_for, resources_for
from aftercare.telemetry.actions import add_resource, end_service, serve_customer
from aftercare.telemetry.actions.learning import LOOK_BACK
from aftercare.telemetry.forms import ResourceForm, ServesForm
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.telemetry.queries.nodes import CUT_KINDS, own_report_at, present_nodes, seen_nodes
from aftercare.web.paging import page_of

STRANGERS = 20


@provider_only
def resource_list(request: HttpRequest) -> HttpResponse:
    """What is on the map with how many are on it, and names that sessions gave which are not on the map."""
    now = utc_now()
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    resources = resources_for(request.user).annotate(customers=Count("serves__customer", distinct=True))
    resources = resources.order_by("kind", "name")
    if kind in Resource.Kind.values:
        resources = resources.filter(kind=kind)
    if text:
        resources = resources.filter(Q(name__icontains=text) | Q(serves__customer__name__icontains=text)).distinct()
    page = page_of(resources, request, per_page=50)
    on_now = concurrent_by_name([resource.name for resource in page.rows], now)
    return render(
        request,
        "telemetry/resources.html",
        {
            "page": page,
            "rows": [
                {"resource": resource, "on_now": on_now.get((resource.kind, resource.name))} for resource in page.rows
            ],
            "strangers": unknown_names(now),
            "filters": [
                {
                    "name": "kind",
                    "label": _("Kind"),
                    "value": kind,
                    "choices": [("", _("All")), *Resource.Kind.choices],
                }
            ],
            "search": {"name": "q", "label": _("Name or customer"), "value": text},
            "is_filtered": bool(kind or text),
            "may_edit": can(request.user, "manage_keys"),
        },
    )


def concurrent_by_name(names: list[str], now: datetime) -> dict[tuple[str, str], float]:
    """Sessions on at once in the last minute by (kind, name) of resource."""
    found: dict[tuple[str, str], float] = defaultdict(float)
    for (_app, cut, name), concurrent in present_nodes(names, now).items():
        for kind in CUT_KINDS[cut]:
            found[kind, name] += concurrent
    return found


def unknown_names(now: datetime) -> list[dict[str, Any]]:
    """Names that sessions gave lately and that no resource bears, those with the most sessions first."""
    on_map = set(Resource.objects.values_list("kind", "name"))
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for node in seen_nodes(now - LOOK_BACK, now):
        if not any((kind, node.name) in on_map for kind in CUT_KINDS[node.cut]):
            sums[node.cut, node.name] += node.concurrent
    ordered = sorted(sums.items(), key=lambda item: -item[1])[:STRANGERS]
    return [
        {"cut": cut, "name": name, "kind": CUT_KINDS[cut][0], "concurrent": concurrent}
        for (cut, name), concurrent in ordered
    ]


@provider_only
def resource_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Who is on this node: customers, apps, sessions on at once."""
    return show_resource(request, get_resource_for(request.user, ref), ServesForm())


def show_resource(request: HttpRequest, resource: Resource, form: ServesForm) -> HttpResponse:
    """The page of a resource."""
    now = utc_now()
    by_app: dict[int, float] = defaultdict(float)
    for (app, cut, _name), concurrent in present_nodes([resource.name], now).items():
        if resource.kind in CUT_KINDS[cut]:
            by_app[app] += concurrent
    ties = list(resource.serves.select_related("customer", "app"))
    return render(
        request,
        "telemetry/resource.html",
        {
            "resource": resource,
            "ties": [{"tie": tie, "on_now": by_app.get(tie.app_id) if tie.app_id else None} for tie in ties],
            "on_now": sum(by_app.values()) if by_app else None,
            "customers": len({tie.customer_id for tie in ties}),
            "parts": resource.parts.all(),
            "targets": resource.targets.count(),
            "keys": IngestKey.objects.filter(resource_ref__in=[resource.ref, resource.name], revoked_at__isnull=True),
            "reported_at": own_report_at(resource.name, now),
            "form": form,
            "may_edit": can(request.user, "manage_keys"),
        },
        status=400 if form.errors else 200,
    )


@provider_only
@needs("manage_keys")
def resource_new(request: HttpRequest) -> HttpResponse:
    """A form to put a resource on the map."""
    chosen = {"kind": request.GET.get("kind", "edge"), "name": request.GET.get("name", "")}
    form = ResourceForm(request.POST if request.method == "POST" else None, initial=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            resource = add_resource(**form.cleaned_data, actor=person(request), now=utc_now())
        except Refused as refused:
            form.add_error("name", refused.sentence)
        else:
            messages.success(request, _("%(name)s is on the map.") % {"name": resource.name})
            return redirect("telemetry:resource", resource.ref)
    return render(request, "telemetry/resource_form.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@provider_only
@needs("manage_keys")
def service_new(request: HttpRequest, ref: str) -> HttpResponse:
    """Say by hand that this resource serves a customer."""
    resource = get_resource_for(request.user, ref)
    form = ServesForm(request.POST)
    if not form.is_valid():
        return show_resource(request, resource, form)
    try:
        serve_customer(resource=resource, **form.cleaned_data, actor=person(request), now=utc_now())
    except Refused as refused:
        form.add_error("app", refused.sentence)
        return show_resource(request, resource, form)
    return redirect("telemetry:resource", resource.ref)


@require_POST
@provider_only
@needs("manage_keys")
def service_end(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Take a tie away."""
    resource = get_resource_for(request.user, ref)
    tie = get_object_or_404(ResourceServes.objects.select_related("resource", "app"), pk=pk, resource=resource)
    end_service(tie=tie, actor=person(request), now=utc_now())
    return redirect("telemetry:resource", resource.ref)
