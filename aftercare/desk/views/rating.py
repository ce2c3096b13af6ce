"""Rating how it was solved: in the ticket for who signs in, by a signed link for everybody whom we asked."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for
from aftercare.desk.forms import form_of
from aftercare.desk.models import Rating
from aftercare.desk.ratings import is_link_of, why_not
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

OURS = gettext_lazy("How it was solved is for the customer to say. You are signed in as one of the provider's people.")


@login_required
@require_POST
def rate_ticket(request: HttpRequest, ref: str) -> HttpResponse:
    """The answer of somebody who signs in to the newest question of the ticket."""
    user = person(request)
    ticket = get_ticket_for(user, ref)
    require(user, "reply_to_tickets")
    rating = ticket.ratings.first()
    if user.is_provider or rating is None:
        raise Http404
    form = form_of(rating, request.POST)
    if form.is_valid():
        try:
            actions.rate(rating=rating, user=user, now=utc_now(), **form.answer())
            messages.success(request, _("Thank you. Your rating is kept; you can change it for 7 days."))
        except Refused as refused:
            messages.error(request, refused.sentence)
    else:
        messages.error(request, _("Give each of the three questions 1 to 5."))
    return redirect(reverse("desk:ticket", args=[ref]) + "#rating")


@require_http_methods(["GET", "POST"])
def rating_link(request: HttpRequest, ref: str, who: str, signature: str) -> HttpResponse:
    """The link in the mail: shows the questions, and keeps the answer on POST (mail scanners only GET)."""
    rating = get_object_or_404(Rating.objects.select_related("ticket__customer"), ref=ref)
    if not is_link_of(rating, who, signature):
        raise Http404
    if isinstance(request.user, User) and request.user.is_provider:
        return render(
            request, "desk/rating.html", {"rating": rating, "ticket": rating.ticket, "sentence": OURS}, status=403
        )
    form = form_of(rating, request.POST if request.method == "POST" else None)
    sentence, status = why_not(rating, utc_now()), 200
    if request.method == "POST" and form.is_valid() and not sentence:
        user = User.objects.filter(ref=who, customer=rating.ticket.customer).first()
        try:
            actions.rate(rating=rating, user=user, by_link=True, now=utc_now(), **form.answer())
            return redirect(request.path)
        except Refused as refused:
            sentence, status = refused.sentence, 409
    elif request.method == "POST":
        status = 409 if sentence else 400
    context = {"rating": rating, "ticket": rating.ticket, "form": form, "sentence": sentence}
    return render(request, "desk/rating.html", context, status=status)
