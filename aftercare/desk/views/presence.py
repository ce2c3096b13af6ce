"""On, away or off: the switch in the strip, which tells every minute that the console is there."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from aftercare.accounts.access import person, require
from aftercare.desk.actions import set_presence, touch_presence
from aftercare.desk.models import PresenceState
from aftercare.desk.presence import OFF, presence_of
from aftercare.kernel.clock import utc_now


@login_required
@require_http_methods(["GET", "POST"])
def presence(request: HttpRequest) -> HttpResponse:
    """The switch, and what it does; for the provider's people who answer."""
    user = person(request)
    if not user.is_provider:
        raise Http404
    require(user, "reply_to_tickets")
    if request.method == "POST":
        set_presence(user=user, state=request.POST.get("state", ""), now=utc_now())
        back = request.headers.get("Referer", "/")
        if not request.headers.get("HX-Request"):
            is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
            return redirect(back if is_ours else "/")
    else:
        touch_presence(user=user, now=utc_now())
    context = {"state": presence_of(user), "choices": [*PresenceState.choices, (OFF, OFF)]}
    return render(request, "desk/_presence.html", context)
