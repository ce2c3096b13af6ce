"""My API tokens: the list, making one, revoking one. A secret is in the answer to its making and nowhere else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import person, signed_in
from aftercare.accounts.actions.tokens import issue_token, revoke_token
from aftercare.accounts.forms import TokenForm
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's own tokens, and the form that makes one."""
    user = person(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = issue_token(user=user, now=utc_now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            context = {"token": issued.token, "secret": issued.secret}
            return render(request, "accounts/token_issued.html", context)
    found = user.api_tokens.all()[:100]
    now = utc_now()
    context = {"form": form, "tokens": [(token, token.works(now)) for token in found]}
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@signed_in
def token_revocation(request: HttpRequest, ref: str) -> HttpResponse:
    """Make one of my tokens worthless."""
    token = get_object_or_404(person(request).api_tokens, ref=ref)
    revoke_token(token=token, now=utc_now())
    messages.success(request, _("The token was revoked. Programs that still use it are refused."))
    return redirect("accounts:tokens")
