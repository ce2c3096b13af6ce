"""Setting up chat widgets: for the provider's people who manage accounts."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import person, provider_only, require
from aftercare.desk.actions import renew_secret, save_widget
from aftercare.desk.chat_forms import ChatWidgetForm
from aftercare.desk.models import ChatWidget
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@require_GET
@provider_only
def widget_list(request: HttpRequest) -> HttpResponse:
    """Every widget."""
    require(request.user, "manage_accounts")
    return render(request, "desk/chat/widgets.html", {"widgets": ChatWidget.objects.select_related("customer")})


@require_http_methods(["GET", "POST"])
@never_cache
@provider_only
def widget_form(request: HttpRequest, ref: str = "") -> HttpResponse:
    """A new widget, or a known one with its script tag."""
    require(request.user, "manage_accounts")
    widget = get_object_or_404(ChatWidget, ref=ref) if ref else None
    form = ChatWidgetForm(request.POST or None, initial=ChatWidgetForm.initial_of(widget))
    if request.method == "POST" and form.is_valid():
        try:
            saved, secret = save_widget(widget=widget, facts=form.facts(), actor=person(request), now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            if secret:
                return shown_once(request, saved, secret)
            messages.success(request, _("The widget was saved."))
            return redirect("desk:chat_widget", saved.ref)
    context = {"form": form, "widget": widget, "snippet": snippet_of(widget) if widget else ""}
    return render(request, "desk/chat/widget_form.html", context, status=400 if form.errors else 200)


@require_POST
@never_cache
@provider_only
def widget_secret(request: HttpRequest, ref: str) -> HttpResponse:
    """A new secret; the old one is worth nothing from now on."""
    require(request.user, "manage_accounts")
    widget = get_object_or_404(ChatWidget, ref=ref)
    return shown_once(request, widget, renew_secret(widget=widget, actor=person(request), now=utc_now()))


def shown_once(request: HttpRequest, widget: ChatWidget, secret: str) -> HttpResponse:
    """The page with the secret: drawn in the answer itself, so that it is stored nowhere on the way."""
    context = {"widget": widget, "secret": secret, "snippet": snippet_of(widget)}
    return render(request, "desk/chat/widget_secret.html", context)


def snippet_of(widget: ChatWidget) -> str:
    """What the site puts into its pages."""
    address = settings.BASE_URL + reverse("desk:chat_loader", args=[widget.site_key])
    return f'<script async src="{address}" data-identity="SIGNED BY YOUR SERVER"></script>'
