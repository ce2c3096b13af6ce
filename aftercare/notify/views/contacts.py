"""How I can be reached."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import person
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify import actions
from aftercare.notify.access import get_contact_for
from aftercare.notify.models import Channel, ContactMethod, Delivery
from aftercare.notify.tokens import proves


@login_required
@require_http_methods(["GET", "POST"])
def contacts(request: HttpRequest) -> HttpResponse:
    """List my contact methods, or add one."""
    error = ""
    if request.method == "POST":
        try:
            added = actions.add_contact(
                user=person(request),
                channel=request.POST.get("channel", ""),
                address=request.POST.get("address", ""),
                now=utc_now(),
            )
            if not added.verified:
                messages.info(request, _("Send a test: a contact method is used once the test has arrived."))
            return redirect("notify:contacts")
        except Refused as refused:
            error = refused.sentence
    context = {
        "contacts": [(contact, last_test(contact)) for contact in ContactMethod.objects.filter(user=person(request))],
        "channels": Channel,
        "error": error,
        "typed": request.POST,
    }
    return render(request, "notify/contacts.html", context, status=400 if error else 200)


def last_test(contact: ContactMethod) -> Delivery | None:
    """The newest test of this contact method."""
    return Delivery.objects.filter(kind="contact.test", subject_ref=contact.ref).first()


@login_required
@require_POST
def test_contact(request: HttpRequest, ref: str) -> HttpResponse:
    """Send a test."""
    actions.send_test(contact=get_contact_for(request.user, ref), now=utc_now())
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
