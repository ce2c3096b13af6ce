"""The page behind an invitation's link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from aftercare.accounts.actions.people import accept_invitation
from aftercare.accounts.forms import PasswordForm
from aftercare.accounts.queries.people import get_invited
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password this link was made for; the link works once."""
    now = utc_now()
    user = get_invited(token, now)
    if user is None:
        return render(request, "accounts/invitation_gone.html", status=410)
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(token=token, password=form.cleaned_data["password"], now=now)
        except Refused:
            return render(request, "accounts/invitation_gone.html", status=410)
        return redirect("account_login")
    response = render(request, "accounts/invitation_accept.html", {"form": form, "subject": user})
    response["Referrer-Policy"] = "no-referrer"
    return response
