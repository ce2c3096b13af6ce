"""The pages on which a change is drafted and worded, with whom it touches while the form is being filled in."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import provider_with
from aftercare.accounts.models import App, Customer, User
from aftercare.incidents.changes.access import get_change_for
from aftercare.incidents.changes.drafting import draft_change, edit_draft, reword
from aftercare.incidents.changes.forms import ChangeForm, TextsForm, change_initial, new_initial, texts_initial
from aftercare.incidents.changes.rules import change_rules
from aftercare.incidents.changes.scope import affected
from aftercare.incidents.changes.views import ACTS
from aftercare.incidents.models import COMING, Change, ChangeState
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.models import Resource


@login_required
@require_http_methods(["GET", "POST"])
def change_new(request: HttpRequest) -> HttpResponse:
    """The form of a new change, and what it makes: a draft."""
    user = provider_with(request, ACTS)
    if request.method == "GET":
        return form_shown(request, ChangeForm(initial=new_initial(user.timezone)))
    form = ChangeForm(request.POST)
    if form.is_valid():
        try:
            change = draft_change(facts=form.facts(), owner=user, token=form.cleaned_data["token"], now=utc_now())
            return redirect("incidents:change", change.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return form_shown(request, form, status=400)


@login_required
@require_http_methods(["GET", "POST"])
def change_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """A draft's whole form; of what was announced the texts alone."""
    user = provider_with(request, ACTS)
    change = get_change_for(user, ref)
    is_draft = change.state == ChangeState.DRAFT
    if not is_draft and change.state not in COMING:
        raise Http404
    kind = ChangeForm if is_draft else TextsForm
    if request.method == "GET":
        return form_shown(request, kind(initial=change_initial(change) if is_draft else texts_initial(change)), change)
    form = kind(request.POST)
    if form.is_valid():
        try:
            keep_edit(change, form, user)
            return redirect("incidents:change", change.ref)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return form_shown(request, form, change, status=400)


def keep_edit(change: Change, form: TextsForm, user: User) -> None:
    """Save a valid form. Raises Refused."""
    version, now = form.cleaned_data["version"], utc_now()
    if isinstance(form, ChangeForm):
        edit_draft(change=change, facts=form.facts(), version=version, actor=user, now=now)
    else:
        reword(change=change, texts=form.texts(), version=version, actor=user, now=now)


def form_shown(request: HttpRequest, form: TextsForm, change: Change | None = None, status: int = 200) -> HttpResponse:
    """The form; a whole one with whom it would touch."""
    from_map = preview_of(request, form) if isinstance(form, ChangeForm) else None
    context = {"form": form, "change": change, "is_whole": isinstance(form, ChangeForm), **(from_map or {})}
    return render(request, "incidents/changes/change_form.html", context, status=status)


def preview_of(request: HttpRequest, form: ChangeForm) -> dict[str, Any]:
    """Whom what is chosen in the form would touch."""
    chosen = {name: [str(ref)[:16] for ref in form[name].value() or []] for name in ("resources", "apps", "customers")}
    return preview(chosen)


def preview(chosen: dict[str, list[str]]) -> dict[str, Any]:
    """The customers that resources, apps and customers with these refs touch, by name."""
    found = affected(
        list(Resource.objects.filter(ref__in=chosen["resources"])),
        list(App.objects.filter(ref__in=chosen["apps"])),
        list(Customer.objects.filter(ref__in=chosen["customers"])),
    )
    customers = Customer.objects.filter(pk__in=found).order_by("name")
    return {"affected": [(one, found[one.pk]) for one in customers], "has_chosen": any(chosen.values())}


@login_required
@require_GET
def affected_part(request: HttpRequest) -> HttpResponse:
    """Whom it would touch, while the form is being filled in; whether it would be late is said beside it."""
    provider_with(request, ACTS)
    names = ("resources", "apps", "customers")
    chosen = {name: [ref.replace("\x00", "")[:16] for ref in request.GET.getlist(name)[:500]] for name in names}
    return render(request, "incidents/changes/_affected.html", preview(chosen) | late_part(request))


def late_part(request: HttpRequest) -> dict[str, Any]:
    """Whether the window that is being typed would be announced late."""
    form = ChangeForm(request.GET)
    form.is_valid()
    starts_at = form.cleaned_data.get("starts_at")
    promised = change_rules().promised_lead_h
    is_late = starts_at is not None and starts_at - utc_now() < timedelta(hours=promised)
    return {"is_late": is_late, "promised": promised}
