"""The pages of freezes and of the rules."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import can, person, provider_only, provider_with
from aftercare.incidents.changes.access import get_freeze_for
from aftercare.incidents.changes.forms import FreezeForm, RulesForm, new_initial
from aftercare.incidents.changes.freezing import declare_freeze, lift_freeze
from aftercare.incidents.changes.queries import freeze_about, list_freezes
from aftercare.incidents.changes.rules import NAMES, change_rules, save_rules
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

RULES = "manage_oncall"


@provider_only
@require_http_methods(["GET", "POST"])
def freeze_list(request: HttpRequest) -> HttpResponse:
    """The freezes that hold, and the form of another one."""
    user = person(request)
    form = FreezeForm(request.POST or None, initial=new_initial(user.timezone))
    if request.method == "POST":
        provider_with(request, RULES)
        if form.is_valid():
            try:
                declare_freeze(facts=form.facts(), actor=user, now=utc_now())
                return redirect("incidents:freezes")
            except Refused as refused:
                form.add_error(None, refused.sentence)
    now = utc_now()
    rows = [(one, freeze_about(one), one.ends_at <= now) for one in list_freezes(user)]
    context = {"form": form, "rows": rows, "may_rule": can(user, RULES)}
    return render(request, "incidents/changes/freezes.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def freeze_lifting(request: HttpRequest, ref: str) -> HttpResponse:
    """It holds no more."""
    freeze = get_freeze_for(person(request), ref)
    user = provider_with(request, RULES)
    lift_freeze(freeze=freeze, actor=user, now=utc_now())
    return redirect("incidents:freezes")


@provider_only
@require_http_methods(["GET", "POST"])
def change_rules_page(request: HttpRequest) -> HttpResponse:
    """What is promised and suspected."""
    user = provider_with(request, RULES)
    rules = change_rules()
    form = RulesForm(request.POST or None, initial={name: getattr(rules, name) for name in NAMES})
    if request.method == "POST" and form.is_valid():
        try:
            save_rules(facts=form.cleaned_data, actor=user, now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Saved."))
            return redirect("incidents:change_rules")
    return render(request, "incidents/changes/rules.html", {"form": form}, status=400 if form.errors else 200)
