"""The page of the rules of inhibition."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import can, person, provider_only, provider_with
from aftercare.incidents.models import InhibitionRule
from aftercare.incidents.noise.actions import make_rule, remove_rule
from aftercare.incidents.noise.forms import COMMON, RuleForm, SideForm
from aftercare.incidents.noise.inhibiting import GRACE
from aftercare.incidents.noise.matching import match_of
from aftercare.incidents.noise.words import match_line
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.telemetry.schema.catalog import METRICS

RULES = "manage_oncall"


@provider_only
@require_http_methods(["GET", "POST"])
def inhibitions(request: HttpRequest) -> HttpResponse:
    """The rules that hold, and the form of another one."""
    user = person(request)
    form = RuleForm(request.POST or None)
    source, target = SideForm(request.POST or None, prefix="source"), SideForm(request.POST or None, prefix="target")
    if request.method == "POST":
        provider_with(request, RULES)
        if form.is_valid() & source.is_valid() & target.is_valid():
            try:
                make_rule(
                    name=form.cleaned_data["name"],
                    source=source.match(),
                    target=target.match(),
                    same=form.cleaned_data["same"],
                    actor=user,
                    now=utc_now(),
                )
                return redirect("incidents:inhibitions")
            except Refused as refused:
                form.add_error(None, refused.sentence)
    rules = InhibitionRule.objects.filter(removed_at=None).select_related("made_by")
    context = {
        "rows": [(one, match_line(match_of(one.source)), match_line(match_of(one.target))) for one in rules],
        "form": form,
        "source": source,
        "target": target,
        "metrics": METRICS,
        "common": COMMON,
        "grace_s": GRACE.total_seconds(),
        "may_rule": can(user, RULES),
    }
    is_wrong = form.errors or source.errors or target.errors
    return render(request, "incidents/noise/inhibitions.html", context, status=400 if is_wrong else 200)


@login_required
@require_POST
def inhibition_removal(request: HttpRequest, ref: str) -> HttpResponse:
    """It holds nothing more."""
    user = provider_with(request, RULES)
    remove_rule(rule=get_object_or_404(InhibitionRule, ref=ref), actor=user, now=utc_now())
    return redirect("incidents:inhibitions")
