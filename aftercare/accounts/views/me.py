"""The signed-in person's own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import person, signed_in
from aftercare.accounts.actions.people import edit_profile
from aftercare.accounts.forms import ProfileForm
from aftercare.kernel.clock import utc_now


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Name, phone, language, zone and theme; ways to sign in are one door further."""
    user = person(request)
    initial = {field: getattr(user, field) for field in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        edit_profile(user=user, facts=form.facts(), now=utc_now())
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/me.html", {"form": form, "subject": user})
