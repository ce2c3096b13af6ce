"""The Matrix homeservers we speak through, for the provider's admins."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.desk.actions.homeservers import add_homeserver, registration_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel


def admin_of(request: HttpRequest) -> User:
    """The admin who asks; 404 for a customer's people, 403 for colleagues who may not."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    require(user, "manage_staff")
    return user


@login_required
@require_http_methods(["GET", "POST"])
def homeservers(request: HttpRequest) -> HttpResponse:
    """List the homeservers, or connect one."""
    user = admin_of(request)
    error = ""
    if request.method == "POST":
        names = ("name", "address", "server_name")
        wanted = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in names}
        try:
            add_homeserver(**wanted, actor=user, now=utc_now())
            return redirect("desk:homeservers")
        except Refused as refused:
            error = refused.sentence
    accounts = Account.objects.filter(channel=Channel.MATRIX)
    context = {"accounts": accounts, "error": error, "typed": request.POST}
    return render(request, "desk/homeservers.html", context, status=400 if error else 200)


@login_required
@require_POST
def registration(request: HttpRequest, ref: str) -> HttpResponse:
    """The registration file to load into the homeserver."""
    user = admin_of(request)
    account = get_object_or_404(Account, ref=ref, channel=Channel.MATRIX)
    text = registration_of(account=account, actor=user, now=utc_now())
    headers = {
        "Content-Disposition": f'attachment; filename="aftercare-{account.ref}.yaml"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)
