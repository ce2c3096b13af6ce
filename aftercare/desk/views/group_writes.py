"""What people do in a group's page: speak, make a ticket of a question, and set the group up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import needs, person, provider_only, require
from aftercare.accounts.models import User
from aftercare.desk.access import get_group_for
from aftercare.desk.actions import post_in_group, save_group
from aftercare.desk.actions.group_tickets import open_from_message
from aftercare.desk.actions.group_waiver import waive_reply
from aftercare.desk.forms import GroupForm
from aftercare.desk.models import Group, Message, Severity
from aftercare.desk.views.groups import group_context
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


def speaking(request: HttpRequest, ref: str) -> tuple[User, Group]:
    """The group, for somebody of ours who may speak in it. Stranger and customer's people 404, read-only 403."""
    user = person(request)
    group = get_group_for(user, ref)
    require(user, "reply_to_tickets")
    if not user.is_provider:
        raise Http404
    return user, group


@login_required
@require_POST
def post_message(request: HttpRequest, ref: str) -> HttpResponse:
    """Say something; it goes out to the vendor."""
    user, group = speaking(request, ref)
    body = request.POST.get("body", "")
    try:
        post_in_group(group=group, speaker=user, body=body, now=utc_now())
    except Refused as refused:
        context = group_context(request, user, group, error=refused.sentence, draft=body)
        return render(request, "desk/group.html", context, status=409)
    return redirect(reverse("desk:group", args=[ref]) + "#latest")


@login_required
@require_POST
def waive(request: HttpRequest, ref: str) -> HttpResponse:
    """What was said last needs no answer."""
    user, group = speaking(request, ref)
    waive_reply(group=group, actor=user, now=utc_now())
    return redirect(reverse("desk:group", args=[ref]) + "#latest")


@login_required
@require_POST
def make_ticket(request: HttpRequest, ref: str, message: str) -> HttpResponse:
    """A click on a question makes it a ticket; the second click finds the first one's."""
    user, group = speaking(request, ref)
    found = Message.objects.filter(group=group, ref=message).first()
    if found is None:
        raise Http404
    severity = request.POST.get("severity") or Severity.P3
    try:
        ticket = open_from_message(group=group, message=found, actor=user, severity=severity, now=utc_now())
    except Refused as refused:
        return render(
            request, "desk/group.html", group_context(request, user, group, error=refused.sentence), status=409
        )
    return redirect("desk:ticket", ticket.ref)


@provider_only
@needs("manage_desk")
@require_http_methods(["GET", "POST"])
def group_form(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Make a group known, or change who answers for it and how fast. Its customer and chat never change."""
    user = person(request)
    group = get_group_for(user, ref) if ref else None
    form = GroupForm(request.POST or None, group=group)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_group(group=form.group(), actor=user, now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Saved. A clock that runs keeps the hours and the target it began with."))
            return redirect("desk:group", saved.ref)
    return render(request, "desk/group_form.html", {"form": form, "group": group}, status=400 if form.errors else 200)
