"""Accounts with WeCom, for the provider's admins: what is set up, how far the archive is read, and what is wrong."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import customers_for
from aftercare.desk.actions.wecom_accounts import CONFIG, SECRETS, save_wecom
from aftercare.desk.views.homeservers import admin_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel
from aftercare.notify.types import in_readers_words

KINDS = (Channel.WECOM_CUSTOMER, Channel.WECOM_KF)


@login_required
@require_http_methods(["GET", "POST"])
def wecom_accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts, or add one."""
    user = admin_of(request)
    error = ""
    if request.method == "POST":
        kind = request.POST.get("channel", "")
        channel = Channel(kind) if kind in KINDS else Channel.WECOM_CUSTOMER
        try:
            save_wecom(
                account=None,
                channel=channel,
                name=typed(request)["name"],
                told=typed(request),
                actor=user,
                now=utc_now(),
            )
            return redirect("desk:wecom_accounts")
        except Refused as refused:
            error = refused.sentence
    said = Count("consents__external_id", filter=Q(consents__agreed=True), distinct=True)
    accounts = Account.objects.filter(channel__in=KINDS).select_related("pull").annotate(agreed=said)
    errors = [in_readers_words(account.pull.last_error) if hasattr(account, "pull") else "" for account in accounts]
    context = {
        "accounts": zip(accounts, errors, strict=True),
        "has_accounts": bool(errors),
        "base": settings.BASE_URL,
        "error": error,
        "typed": request.POST,
        "customers": customers_for(user),
    }
    return render(request, "desk/wecom_accounts.html", context, status=400 if error else 200)


@login_required
@require_http_methods(["GET", "POST"])
def wecom_account(request: HttpRequest, ref: str) -> HttpResponse:
    """Change one account; secrets are never shown, an empty field keeps the one there is."""
    user = admin_of(request)
    account = get_object_or_404(Account, ref=ref, channel__in=KINDS)
    error = ""
    if request.method == "POST":
        told = typed(request)
        try:
            save_wecom(
                account=account,
                channel=Channel(account.channel),
                name=told["name"],
                told=told,
                actor=user,
                now=utc_now(),
            )
            return redirect("desk:wecom_accounts")
        except Refused as refused:
            error = refused.sentence
    shown: dict[str, Any] = request.POST.dict() if error else {"name": account.name, **account.config}
    context = {"account": account, "error": error, "typed": shown, "customers": customers_for(user)}
    return render(request, "desk/wecom_account.html", context, status=400 if error else 200)


def typed(request: HttpRequest) -> dict[str, str]:
    """What was typed, without what no field may hold."""
    names = {"name", "private_key", "key_version", *sum((*CONFIG.values(), *SECRETS.values()), ())}
    return {name: request.POST.get(name, "").replace("\x00", "")[:20_000] for name in names}
