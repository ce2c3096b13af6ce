"""The pages of alert sources, for the provider's people: all of them, one, making, trying out, ending."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from aftercare.accounts.access import can, needs, person, require
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.watch.models import AlertSource, SourceKind
from aftercare.watch.outside.access import get_source_for
from aftercare.watch.outside.forms import NewSourceForm, RotationForm, SourceForm, TrialForm, initial_from
from aftercare.watch.outside.intake import try_out
from aftercare.watch.outside.keeping import Issued, create_source, edit_source, revoke_source, rotate_source
from aftercare.watch.outside.queries import known_levels, list_sources, newest_alerts
from aftercare.watch.outside.types import facts_of
from aftercare.web.paging import page_of

PER_PAGE = 50
ALERTS_SHOWN = 10


def staff(request: HttpRequest, capability: str = "see_telemetry") -> User:
    """One of the provider's people; 404 for everybody else, 403 without the capability."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    require(user, capability)
    return user


@needs("see_telemetry")
def source_list(request: HttpRequest) -> HttpResponse:
    """Every source with what it last said and when, and how many of its alerts are open."""
    user = staff(request)
    page = page_of(list_sources(user), request, per_page=PER_PAGE)
    return render(request, "watch/outside/sources.html", {"page": page, "may_edit": can(user, "edit_monitors")})


@never_cache
@needs("see_telemetry")
def source_new(request: HttpRequest) -> HttpResponse:
    """The form of a new source; its address is in the answer and nowhere else."""
    user = staff(request, "edit_monitors")
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in SourceKind.values else SourceKind.ALERTMANAGER.value}
    form = NewSourceForm(user, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = create_source(kind=told["kind"], place=form.place(), facts=told["facts"], actor=user, now=utc_now())
            return shown_once(request, made)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "watch/outside/new_source.html", {"form": form}, status=400 if form.errors else 200)


@needs("see_telemetry")
def source_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One source; POST changes it."""
    user = staff(request)
    source = get_source_for(user, ref)
    form = form_of(source, request.POST or None)
    if request.method == "POST":
        require(user, "edit_monitors")
        if form.is_valid() and is_changed(source, form, user, utc_now()):
            messages.success(request, _("The source was changed."))
            return redirect("watch:source", source.ref)
    alerts = newest_alerts(source)
    context = {
        "source": source,
        "form": form,
        "may_edit": can(user, "edit_monitors") and not source.revoked_at,
        "keys": source.keys.order_by("-pk"),
        "now": utc_now(),
        "alerts": alerts[:ALERTS_SHOWN],
        "open_count": alerts.filter(closed_at=None).count(),
        "refusals": source.refusals.order_by("-at", "-pk"),
        "levels": known_levels(source),
        "address": address_of("al_…"),
    }
    return render(request, "watch/outside/source.html", context, status=400 if form.errors else 200)


def form_of(source: AlertSource, told: Any) -> SourceForm:
    """The form of one source, its mapping left out where its kind has its own format."""
    form = SourceForm(told, initial=initial_from(facts_of(source)))
    form.kind = source.kind
    form.ask_for_title(source.kind == SourceKind.JSON)
    return form


def is_changed(source: AlertSource, form: SourceForm, user: User, now: datetime) -> bool:
    """Change the source as a valid form says; False, with the sentence in the form, when that is refused."""
    try:
        edit_source(source=source, facts=form.cleaned_data["facts"], actor=user, now=now)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@needs("see_telemetry")
def source_trial(request: HttpRequest, ref: str) -> HttpResponse:
    """Paste a payload and see what would become of it; nothing is kept but, where that is asked, the mapping."""
    user = staff(request, "edit_monitors")
    source = get_source_for(user, ref)
    form = TrialForm(request.POST or None, initial=initial_from(facts_of(source)))
    form.ask_for_title(source.kind == SourceKind.JSON)
    trial = None
    if request.method == "POST" and form.is_valid():
        thought = AlertSource(kind=source.kind, mapping=source.mapping, severities=source.severities)
        if source.kind == SourceKind.JSON:
            thought.mapping = form.mapping()
        trial = try_out(thought, form.cleaned_data["payload"].encode("utf-8", "replace"))
        if "keep" in request.POST and is_mapping_kept(source, form, user):
            messages.success(request, _("The mapping is kept. From the next payload on it is read like this."))
            return redirect("watch:source", source.ref)
    context = {"source": source, "form": form, "trial": trial, "is_mapped": source.kind == SourceKind.JSON}
    return render(request, "watch/outside/trial.html", context, status=400 if form.errors else 200)


def is_mapping_kept(source: AlertSource, form: TrialForm, user: User) -> bool:
    """Give the source the mapping that was tried; False, with the sentence in the form, when that is refused."""
    facts = {**facts_of(source).as_dict(), "mapping": form.mapping()}
    try:
        edit_source(source=source, facts=type(facts_of(source))(**facts), actor=user, now=utc_now())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@never_cache
@needs("see_telemetry")
def source_key(request: HttpRequest, ref: str) -> HttpResponse:
    """A new address for a source; the old one works a while longer."""
    user = staff(request, "edit_monitors")
    source = get_source_for(user, ref)
    form = RotationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            overlap_h = form.cleaned_data["overlap_h"]
            return shown_once(request, rotate_source(source=source, overlap_h=overlap_h, actor=user, now=utc_now()))
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "source": source}
    return render(request, "watch/outside/rotation.html", context, status=400 if form.errors else 200)


@needs("see_telemetry")
def source_revocation(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks once more; POST ends the source."""
    user = staff(request, "edit_monitors")
    source = get_source_for(user, ref)
    if request.method == "POST":
        revoke_source(source=source, actor=user, now=utc_now())
        messages.success(request, _("The source was revoked. What still sends there is told that it is gone."))
        return redirect("watch:sources")
    open_count = newest_alerts(source).filter(closed_at=None).count()
    return render(request, "watch/outside/revocation.html", {"source": source, "open_count": open_count})


def shown_once(request: HttpRequest, issued: Issued) -> HttpResponse:
    """The page with the address: drawn in the answer itself, so that its key is stored nowhere on the way."""
    context = {"source": issued.source, "address": address_of(issued.secret)}
    return render(request, "watch/outside/issued.html", context)


def address_of(secret: str) -> str:
    """Where a source posts to."""
    return settings.BASE_URL.rstrip("/") + reverse("watch:alerts_in", args=["KEY"]).replace("KEY", secret)
