"""Ingest keys: the list, issuing, rotating, revoking. A secret is in the answer to its making and nowhere else."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import (
    can,
    get_customer_for,
    get_key_for,
    keys_for,
    person,
    require,
    signed_in,
)
from aftercare.accounts.actions.keys import IssuedKey, issue_app_key, revoke_key, rotate_key, set_callback
from aftercare.accounts.forms import AppKeyForm, CallbackForm, KeyFilterForm, RotationForm
from aftercare.accounts.models import IngestKey
from aftercare.accounts.views.doors import stand_behind
from aftercare.accounts.views.filters import choice_of, search_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of


@require_GET
@signed_in
def key_list(request: HttpRequest) -> HttpResponse:
    """Every key that exists for this reader; staff see the provider's own resources' keys too."""
    form = KeyFilterForm(request.GET)
    q, state = (form.cleaned_data["q"], form.cleaned_data["state"]) if form.is_valid() else ("", "")
    now = utc_now()
    keys = keys_for(request.user).select_related("replaced_by").order_by("-pk")
    if q:
        of_app = Q(app__name__icontains=q) | Q(app__name_zh__icontains=q) | Q(customer__name__icontains=q)
        keys = keys.filter(Q(label__icontains=q) | Q(prefix=q) | Q(resource_ref__icontains=q) | of_app)
    context = {
        "page": page_of(in_state(keys, state, now), request),
        "filters": [choice_of(form, "state")],
        "search": search_of(form, "q"),
        "now": now,
        "can_manage_keys": can(request.user, "manage_keys"),
        "is_filtered": bool(q or state),
    }
    return render(request, "accounts/key_list.html", context)


def in_state(keys: QuerySet[IngestKey], state: str, now: object) -> QuerySet[IngestKey]:
    """The keys that work, or that do not any more; all for any other word."""
    works = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    if state == "working":
        return keys.filter(works)
    return keys.exclude(works) if state == "ended" else keys


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def key_new(request: HttpRequest, ref: str) -> HttpResponse:
    """Issue a key for one of a customer's apps."""
    customer = get_customer_for(request.user, ref)
    require(request.user, "manage_keys")
    stand_behind(request, customer)
    apps = {app.ref: app for app in customer.apps.select_related("customer")}
    choices = [(app.ref, app.display_name) for app in apps.values()]
    form = AppKeyForm(request.POST or None, apps=choices, initial={"app": request.GET.get("app", "")})
    if not person(request).is_provider:  # how much a customer may send is not theirs to say
        del form.fields["quota_lines_per_s"]
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        app = apps[facts.pop("app")]
        try:
            return shown_once(request, issue_app_key(app=app, actor=person(request), now=utc_now(), **facts))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    return render(request, "accounts/key_form.html", {"form": form, "customer": customer})


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def rotation(request: HttpRequest, ref: str) -> HttpResponse:
    """Make a key's successor; the old one works a while longer."""
    key = get_key_for(request.user, ref)
    require(request.user, "manage_keys")
    form = RotationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            overlap_h = form.cleaned_data["overlap_h"]
            return shown_once(request, rotate_key(key=key, overlap_h=overlap_h, actor=person(request), now=utc_now()))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    return render(request, "accounts/key_rotation.html", {"form": form, "key": key})


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def callback(request: HttpRequest, ref: str) -> HttpResponse:
    """Whose callbacks come with a key, and the secret to check them with."""
    key = get_key_for(request.user, ref)
    require(request.user, "manage_keys")
    form = CallbackForm(request.POST or None, initial={"callback_source": key.callback_source})
    if request.method == "POST" and form.is_valid():
        source, secret = form.cleaned_data["callback_source"], form.cleaned_data["callback_secret"]
        try:
            set_callback(key=key, source=source, secret=secret, actor=person(request), now=utc_now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            checked = _("Callbacks are checked with the new secret from now on.")
            messages.success(request, checked if source else _("This key takes no signed callbacks any more."))
            return redirect("accounts:customer", key.customer.ref) if key.customer else redirect("accounts:keys")
    return render(request, "accounts/key_callback.html", {"form": form, "key": key})


@require_http_methods(["GET", "POST"])
@signed_in
def revocation(request: HttpRequest, ref: str) -> HttpResponse:
    """Make a key worthless, after a second look."""
    key = get_key_for(request.user, ref)
    require(request.user, "manage_keys")
    if request.method == "POST":
        revoke_key(key=key, actor=person(request), now=utc_now())
        messages.success(request, _("The key was revoked. Senders that still use it are told that it is gone."))
        return redirect("accounts:customer", key.customer.ref) if key.customer else redirect("accounts:keys")
    return render(request, "accounts/key_revocation.html", {"key": key})


def shown_once(request: HttpRequest, issued: IssuedKey) -> HttpResponse:
    """The page with the secret: drawn in the answer itself, so that it is stored nowhere on the way."""
    context = {"key": issued.key, "secret": issued.secret, "resource_name": issued.key.resource_ref}
    return render(request, "accounts/key_issued.html", context)
