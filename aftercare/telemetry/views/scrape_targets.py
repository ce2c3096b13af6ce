"""Scrape targets of an app, or of one of the provider's resources: the lists, the form, the page of one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, get_app_for, needs, person, provider_only
from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.access import get_resource_for, get_scrape_target_for
from aftercare.telemetry.actions.scrape_targets import (
    add_scrape_target,
    ask_for_pull,
    edit_scrape_target,
    pause_scrape_target,
    remove_scrape_target,
    resume_scrape_target,
)
from aftercare.telemetry.models import Resource, ScrapeTarget
from aftercare.telemetry.scrape_forms import ScrapeTargetForm


@require_GET
@needs("see_telemetry")
def app_targets(request: HttpRequest, ref: str) -> HttpResponse:
    """What is pulled for an app, and how that goes."""
    app = get_app_for(request.user, ref)
    return target_list(request, {"app": app, "place": "targets", "targets": app.scrape_targets.all()})


@require_GET
@provider_only
def resource_targets(request: HttpRequest, ref: str) -> HttpResponse:
    """What is pulled for one of the provider's resources."""
    resource = get_resource_for(request.user, ref)
    return target_list(request, {"resource": resource, "targets": resource.targets.all()})


def target_list(request: HttpRequest, about: dict[str, Any]) -> HttpResponse:
    """The list of an owner's targets."""
    return render(request, "telemetry/scrape_targets.html", {**about, "may_edit": can(request.user, "manage_keys")})


@require_http_methods(["GET", "POST"])
@needs("manage_keys")
def app_target_new(request: HttpRequest, ref: str) -> HttpResponse:
    """A form to have a target pulled for an app."""
    return target_new(request, get_app_for(request.user, ref), None)


@require_http_methods(["GET", "POST"])
@provider_only
@needs("manage_keys")
def resource_target_new(request: HttpRequest, ref: str) -> HttpResponse:
    """A form to have a target pulled for one of the provider's resources."""
    return target_new(request, None, get_resource_for(request.user, ref))


def target_new(request: HttpRequest, app: App | None, resource: Resource | None) -> HttpResponse:
    """A new target's form."""
    form = ScrapeTargetForm(request.POST or None, is_resource=resource is not None)
    if request.method == "POST" and form.is_valid():
        try:
            target = add_scrape_target(
                app=app, resource=resource, facts=form.facts(), actor=person(request), now=utc_now()
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("telemetry:target", target.ref)
    return show_form(request, form, {"app": app, "resource": resource})


@require_http_methods(["GET", "POST"])
@needs("manage_keys")
def target_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """A form to change a target."""
    target = get_scrape_target_for(request.user, ref)
    is_resource = target.resource is not None
    form = ScrapeTargetForm(request.POST or None, initial=ScrapeTargetForm.initial_of(target), is_resource=is_resource)
    if request.method == "POST" and form.is_valid():
        try:
            edit_scrape_target(target=target, facts=form.facts(), actor=person(request), now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect("telemetry:target", target.ref)
    return show_form(request, form, {"app": target.app, "resource": target.resource, "target": target})


def show_form(request: HttpRequest, form: ScrapeTargetForm, about: dict[str, Any]) -> HttpResponse:
    """The page with the form."""
    context = {"form": form, **about}
    return render(request, "telemetry/scrape_target_form.html", context, status=400 if form.errors else 200)


@require_GET
@needs("see_telemetry")
def target_page(request: HttpRequest, ref: str) -> HttpResponse:
    """How a target does, and what came back when somebody asked."""
    target = get_scrape_target_for(request.user, ref)
    context = {"target": target, "app": target.app, "resource": target.resource, "place": "targets"}
    return render(request, "telemetry/scrape_target.html", {**context, "may_edit": can(request.user, "manage_keys")})


@require_POST
@needs("manage_keys")
def target_trial(request: HttpRequest, ref: str) -> HttpResponse:
    """Have it pulled now, to see what comes back."""
    target = get_scrape_target_for(request.user, ref)
    try:
        ask_for_pull(target=target, now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("telemetry:target", target.ref)


@require_POST
@needs("manage_keys")
def target_pause(request: HttpRequest, ref: str) -> HttpResponse:
    """Pull it no more for now; `resume` in the form pulls it again."""
    target = get_scrape_target_for(request.user, ref)
    change = resume_scrape_target if "resume" in request.POST else pause_scrape_target
    change(target=target, actor=person(request), now=utc_now())
    return redirect("telemetry:target", target.ref)


@require_POST
@needs("manage_keys")
def target_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget it."""
    target = get_scrape_target_for(request.user, ref)
    back = list_of(target)
    remove_scrape_target(target=target, actor=person(request), now=utc_now())
    messages.success(request, _("%(name)s is pulled no more. What it told stays.") % {"name": target.name})
    return redirect(back)


def list_of(target: ScrapeTarget) -> str:
    """The address of the list that a target stands in."""
    if target.app:
        return reverse("telemetry:targets", args=[target.app.ref])
    return reverse("telemetry:resource_targets", args=[target.resource.ref if target.resource else ""])
