"""What is asked of the on-call: limits, holes, the weekly mail, test calls."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import needs, person, provider_only
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.queries import oncall_settings
from aftercare.oncall.settings_form import SettingsForm
from aftercare.oncall.views.schedules import ZONES_OFFERED


@provider_only
@needs("manage_oncall")
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show them, or change them."""
    form = SettingsForm(request.POST or None, kept=oncall_settings(utc_now()))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_settings(facts=form.cleaned_data, actor=person(request), now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Saved."))
            return redirect("oncall:settings")
    context = {"form": form, "zones": ZONES_OFFERED}
    return render(request, "oncall/settings.html", context, status=400 if form.errors else 200)
