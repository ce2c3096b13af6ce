"""How I can be reached."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import person
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify import actions
from aftercare.notify.access import get_contact_for
from aftercare.notify.adapters.webpush import public_key
from aftercare.notify.contact_codes import TRIALS, needs_code
from aftercare.notify.contact_forms import LadderForm, QuietForm, RingForm, channels_of
from aftercare.notify.models import RINGING, Channel, ContactMethod, Delivery, QuietHours
from aftercare.notify.queries import ladder_is_cut_at, reach_of
from aftercare.notify.tokens import proves


@login_required
@require_http_methods(["GET", "POST"])
def contacts(request: HttpRequest) -> HttpResponse:
    """List my contact methods, or add one."""
    user, error = person(request), ""
    channels = channels_of(user)
    rings = request.method == "POST" and request.POST.get("channel", "") in RINGING
    form = RingForm(request.POST if rings else None, channels=channels)
    if request.method == "POST" and (not rings or form.is_valid()):
        try:
            added = actions.add_contact(user=user, now=utc_now(), **asked_for(request, form if rings else None))
            if not added.verified:
                messages.info(request, _("Send a test: a contact method is used once the test has arrived."))
            return redirect("notify:contacts")
        except Refused as refused:
            error = refused.sentence
    if rings and error:
        form.add_error(None, error)
    return page(request, error=error, form=form, status=400 if error or form.errors else 200)


def asked_for(request: HttpRequest, form: RingForm | None) -> dict[str, Any]:
    """What is to be added, by the names of `add_contact`."""
    if form is not None:
        return {name: form.cleaned_data[name] for name in ("channel", "address", "loudness", "after_s")}
    return {name: request.POST.get(name, "") for name in ("channel", "address", "keys")}


def page(
    request: HttpRequest,
    *,
    error: str = "",
    form: RingForm | None = None,
    ladder: LadderForm | None = None,
    quiet: QuietForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """All of how I am reached, with forms as they were filled in."""
    user, now = person(request), utc_now()
    mine = list(ContactMethod.objects.filter(user=user))
    channels = channels_of(user)
    context = {
        "contacts": [(contact, last_test(contact)) for contact in mine],
        "asked": [one for one in mine if needs_code(one) and one.code_until and one.code_until > now],
        "ring_form": form or RingForm(channels=channels),
        "can_ring": bool(channels),
        "is_staff": user.is_provider,
        "push_key": public_key(),
        "ladder": ladder or LadderForm(contacts=on_ladder(mine)),
        "quiet_form": quiet or quiet_form(user),
        "warning": ladder_warning(mine),
        "measured": reach_of(user),
        "error": error,
        "typed": request.POST,
    }
    return render(request, "notify/contacts.html", context, status=status)


def quiet_form(user: User) -> QuietForm:
    """The quiet hours as they are."""
    hours = QuietHours.objects.filter(user=user).first()
    return QuietForm(initial={"starts": hours.starts, "ends": hours.ends} if hours else None)


def on_ladder(mine: list[ContactMethod]) -> list[ContactMethod]:
    """The ways that wait: all but the console's push, which is always at once."""
    return [contact for contact in mine if contact.channel != Channel.PUSH]


def ladder_warning(mine: list[ContactMethod]) -> str:
    """What somebody should know whose last way comes after the next person is woken; empty where all is well."""
    last = max((one.after_s for one in mine if one.enabled and one.verified), default=0)
    cut = ladder_is_cut_at()
    if cut is None or last < cut:
        return ""
    return _(
        "Your last way is used %(last)s s after a page, but the next person is woken after %(cut)s s: that step would "
        "come before your ladder ends."
    ) % {"last": last, "cut": cut}


@login_required
@require_POST
def ladder(request: HttpRequest) -> HttpResponse:
    """When each of my ways is used, all of them saved together or none."""
    mine = on_ladder(list(ContactMethod.objects.filter(user=person(request))))
    form = LadderForm(request.POST, contacts=mine)
    if form.is_valid():
        try:
            actions.set_rungs(rungs=form.rungs(), now=utc_now())
            messages.success(request, _("Saved."))
            return redirect("notify:contacts")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return page(request, ladder=form, status=400)


@login_required
@require_POST
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """When only what is urgent may disturb me."""
    form = QuietForm(request.POST)
    if form.is_valid():
        try:
            actions.set_quiet_hours(user=person(request), now=utc_now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("notify:contacts")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return page(request, quiet=form, status=400)


@login_required
@require_POST
def confirm_code(request: HttpRequest, ref: str) -> HttpResponse:
    """The code that was sent there: a right one confirms the way."""
    contact = get_contact_for(request.user, ref)
    try:
        actions.confirm_by_code(contact=contact, typed=request.POST.get("code", "")[:20], now=utc_now())
        messages.success(request, _("Confirmed: pages go there from now on."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("notify:contacts")


def last_test(contact: ContactMethod) -> Delivery | None:
    """The newest test of this contact method."""
    return Delivery.objects.filter(kind__in=TRIALS, subject_ref=contact.ref).first()


@login_required
@require_POST
def test_contact(request: HttpRequest, ref: str) -> HttpResponse:
    """Send a test; to a phone or chat that is not confirmed yet, the code that confirms it."""
    contact = get_contact_for(request.user, ref)
    try:
        actions.send_test(contact=contact, now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("notify:contacts")
    if needs_code(contact):
        messages.success(request, _("A code is on its way. Enter it below when it has arrived."))
    else:
        messages.success(request, _("The test is on its way; its result appears beside the contact method."))
    return redirect("notify:contacts")


@login_required
@require_POST
def switch_contact(request: HttpRequest, ref: str) -> HttpResponse:
    """Use a contact method or stop using it."""
    contact = get_contact_for(request.user, ref)
    actions.set_enabled(contact=contact, enabled=request.POST.get("enabled") == "1", now=utc_now())
    return redirect("notify:contacts")


@login_required
@require_POST
def remove_contact(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget a contact method."""
    actions.remove_contact(contact=get_contact_for(request.user, ref), now=utc_now())
    return redirect("notify:contacts")


@require_http_methods(["GET", "POST"])
def confirm_contact(request: HttpRequest, ref: str, signature: str) -> HttpResponse:
    """The link in the test mail: shows what it confirms, and confirms it on POST (mail scanners only GET)."""
    contact = get_object_or_404(ContactMethod.objects.select_related("user"), ref=ref)
    if not proves(contact, signature):
        raise Http404
    if request.method == "POST":
        actions.confirm_contact(contact=contact, now=utc_now())
        return redirect(request.path)
    return render(request, "notify/confirm_contact.html", {"contact": contact})


@login_required
@require_GET
def contact_rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for htmx while a test is on its way."""
    rows = [(contact, last_test(contact)) for contact in ContactMethod.objects.filter(user=person(request))]
    return render(request, "notify/_contacts.html", {"contacts": rows})


@require_GET
def push_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows what comes by Web Push: at the root, since a worker serves only what lies below it."""
    found = finders.find("notify/push-worker.js")
    return HttpResponse(Path(str(found)).read_bytes(), content_type="text/javascript; charset=utf-8")
