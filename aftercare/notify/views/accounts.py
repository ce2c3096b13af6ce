"""The provider's accounts with vendors: what each hears and what stands in its way."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import needs, person, provider_only
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.account_fields import FIELDS, kind_name
from aftercare.notify.account_forms import AccountForm, ChannelForm
from aftercare.notify.answers import inbound_path
from aftercare.notify.keeping_accounts import (
    TEST_KIND,
    can_be_opened,
    save_account,
    secret_names,
    set_quiet,
    try_account,
)
from aftercare.notify.models import Account, Delivery

TESTS_SHOWN = 5


@provider_only
@needs("manage_desk")
@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """Every account, the ones with trouble first."""
    accounts = sorted(
        Account.objects.all(),
        key=lambda account: (not account.last_error, account.channel, account.place, account.name),
    )
    return render(request, "notify/accounts.html", {"accounts": accounts, "form": ChannelForm()})


@provider_only
@needs("manage_desk")
@require_http_methods(["GET", "POST"])
def account_page(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Make an account (its vendor is in the address), or change one."""
    found = get_object_or_404(Account, ref=ref) if ref else None
    channel = found.kind if found else request.GET.get("channel", "")
    if channel not in FIELDS:
        return redirect("notify:accounts")
    kept = secret_names(found) if found else []
    form = AccountForm(request.POST or None, channel=channel, account=found, kept=kept)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_account(
                account=found,
                channel=channel,
                name=form.cleaned_data["name"],
                config=form.config(),
                secrets=form.secrets(),
                enabled=form.cleaned_data["enabled"],
                place=form.cleaned_data.get("place"),
                actor=person(request),
                now=utc_now(),
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Saved."))
            return redirect("notify:account", saved.ref)
    context = {"form": form, "account": found, "kind": kind_name(channel), **state_of(found)}
    return render(request, "notify/account.html", context, status=400 if form.errors else 200)


def state_of(found: Account | None) -> dict[str, Any]:
    """The last tests, and whether the secrets can be read here."""
    if found is None:
        return {"tests": [], "is_sealed_elsewhere": False}
    tests = Delivery.objects.filter(account=found, kind=TEST_KIND)[:TESTS_SHOWN]
    path = inbound_path(found)
    inbound = settings.BASE_URL + path if path else ""
    return {"tests": tests, "is_sealed_elsewhere": not can_be_opened(found), "inbound": inbound}


@provider_only
@needs("manage_desk")
@require_POST
def test_account(request: HttpRequest, ref: str) -> HttpResponse:
    """Send a test; what became of it stands on the account's page."""
    account = get_object_or_404(Account, ref=ref)
    try:
        try_account(account=account, address=request.POST.get("address", ""), actor=person(request), now=utc_now())
        messages.success(request, _("The test is on its way. What became of it is shown below."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("notify:account", ref)


@provider_only
@needs("manage_desk")
@require_POST
def quiet_account(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin or end an import."""
    account = get_object_or_404(Account, ref=ref)
    set_quiet(account=account, quiet=request.POST.get("quiet") == "1", actor=person(request), now=utc_now())
    return redirect("notify:account", ref)
