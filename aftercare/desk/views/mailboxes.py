"""Settings of our mailboxes, and which domain is which customer's."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import needs, person, provider_only
from aftercare.desk.mail import placing, settings
from aftercare.desk.mail.forms import DomainForm, MailboxForm
from aftercare.desk.mail.settings import get_mailbox, how_it_fares
from aftercare.desk.models import MailDomain
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel


@require_GET
@provider_only
@needs("manage_accounts")
def mailboxes(request: HttpRequest) -> HttpResponse:
    """Every mailbox with how it fares, and the customers' domains."""
    return render(request, "desk/mailboxes.html", page_of(DomainForm()))


def page_of(form: DomainForm) -> dict[str, object]:
    """What the list shows."""
    accounts = Account.objects.filter(channel=Channel.EMAIL).select_related("mail_folder")
    return {
        "mailboxes": [(account, how_it_fares(account)) for account in accounts],
        "domains": MailDomain.objects.select_related("customer"),
        "form": form,
    }


@require_http_methods(["GET", "POST"])
@provider_only
@needs("manage_accounts")
def mailbox_form(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Add a mailbox, or change one."""
    account = get_mailbox(ref) if ref else None
    form = MailboxForm(request.POST or None, initial=MailboxForm.initial_of(account))
    if request.method == "POST" and form.is_valid():
        try:
            settings.save_mailbox(account=account, facts=form.facts(), actor=person(request), now=utc_now())
            messages.success(request, _("Saved. Mail is read again within a few seconds."))
            return redirect("desk:mailboxes")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "mailbox": account}
    return render(request, "desk/mailbox_form.html", context, status=400 if form.errors else 200)


@require_POST
@provider_only
@needs("manage_accounts")
def mailbox_test(request: HttpRequest, ref: str) -> HttpResponse:
    """Try both ways: sign in where it is read, and send a mail to whoever asks."""
    account = get_mailbox(ref)
    try:
        if account.config.get("imap_host"):
            messages.success(request, settings.try_mailbox(account=account))
    except Refused as refused:
        messages.error(request, refused.sentence)
    settings.send_test(account=account, actor=person(request), now=utc_now())
    messages.info(request, _("A test mail is on its way to you; its result appears beside the mailbox."))
    return redirect("desk:mailboxes")


@require_POST
@provider_only
@needs("manage_accounts")
def mailbox_opening(request: HttpRequest, ref: str) -> HttpResponse:
    """End the import."""
    try:
        settings.open_mailbox(account=get_mailbox(ref), actor=person(request), now=utc_now())
        messages.success(request, _("The mailbox is open: what it hears from now on is answered."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("desk:mailboxes")


@require_POST
@provider_only
@needs("manage_accounts")
def domain_new(request: HttpRequest) -> HttpResponse:
    """Give a domain to a customer."""
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            placing.add_domain(
                customer=form.cleaned_data["customer"],
                domain=form.cleaned_data["domain"],
                actor=person(request),
                now=utc_now(),
            )
            return redirect("desk:mailboxes")
        except Refused as refused:
            form.add_error("domain", refused.sentence)
    return render(request, "desk/mailboxes.html", page_of(form), status=400)


@require_POST
@provider_only
@needs("manage_accounts")
def domain_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a domain from its customer."""
    domain = get_object_or_404(MailDomain.objects.select_related("customer"), pk=pk)
    placing.remove_domain(domain=domain, actor=person(request), now=utc_now())
    return redirect("desk:mailboxes")
