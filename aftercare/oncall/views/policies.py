"""The escalation: policies, the rules that choose one, who above is told, and the rooms that steps speak in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from aftercare.accounts.access import can, needs, person, provider_only, require
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.access import get_policy_for, get_room_for, get_rule_for
from aftercare.oncall.models import EscalationPolicy, ManagementRung, Room
from aftercare.oncall.policy_forms import PolicyForm, RoomForm, RuleForm, rung_forms, rungs_of
from aftercare.oncall.queries.policies import list_rules, sentences, told_steps, warnings_of_policy

MANAGE = "manage_oncall"


@provider_only
@require_http_methods(["GET", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """All policies, which page goes by which, and who above is told; POST adds a rule."""
    form = RuleForm(request.POST or None)
    if request.method == "POST":
        require(request.user, MANAGE)
        if form.is_valid():
            try:
                actions.save_rule(**form.cleaned_data, actor=person(request), now=utc_now())
            except Refused as refused:
                form.add_error(None, refused.sentence)
            else:
                return redirect("oncall:policies")
    context = {
        "policies": [(one, told_steps(one)) for one in EscalationPolicy.objects.all()],
        "sentences": sentences(),
        "rules": list_rules(),
        "rungs": ManagementRung.objects.select_related("user"),
        "form": form,
        "may_manage": can(request.user, MANAGE),
    }
    return render(request, "oncall/policies.html", context, status=400 if form.errors else 200)


@provider_only
@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, ref: str = "") -> HttpResponse:
    """Make a policy, or change one: in which order who is woken."""
    kept = get_policy_for(request.user, ref) if ref else None
    form = PolicyForm(request.POST or None, policy=kept)
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        try:
            saved = actions.save_policy(**form.facts(), policy=kept, actor=person(request), now=now)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            for sentence in warnings_of_policy(saved, now):
                messages.warning(request, sentence)
            return redirect("oncall:policies")
    context = {"form": form, "policy": kept, "has_targets": bool(form.targets)}
    return render(request, "oncall/policy.html", context, status=400 if form.errors else 200)


@provider_only
@needs(MANAGE)
@require_POST
def policy_default(request: HttpRequest, ref: str) -> HttpResponse:
    """Pages that no rule is about go by this one."""
    actions.make_default(policy=get_policy_for(request.user, ref), actor=person(request), now=utc_now())
    return redirect("oncall:policies")


@provider_only
@needs(MANAGE)
@require_POST
def policy_removal(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget a policy; what runs by it goes on."""
    try:
        actions.delete_policy(policy=get_policy_for(request.user, ref), actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("oncall:policies")


@provider_only
@needs(MANAGE)
@require_POST
def rule_removal(request: HttpRequest, ref: str) -> HttpResponse:
    """These pages go by whatever else is said of them."""
    actions.remove_rule(rule=get_rule_for(request.user, ref), actor=person(request), now=utc_now())
    return redirect("oncall:policies")


@provider_only
@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def management(request: HttpRequest) -> HttpResponse:
    """Who above is told when a page takes too long."""
    data = request.POST if request.method == "POST" else None
    forms = rung_forms(data, list(ManagementRung.objects.select_related("user")))
    error, is_valid = "", not any(form.errors for form in forms)
    if data is not None and is_valid:
        try:
            actions.save_rungs(rungs=rungs_of(forms), actor=person(request), now=utc_now())
        except Refused as refused:
            error = refused.sentence
        else:
            return redirect("oncall:policies")
    is_wrong = data is not None and (error or not is_valid)
    return render(request, "oncall/management.html", {"forms": forms, "error": error}, status=400 if is_wrong else 200)


@provider_only
@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def rooms(request: HttpRequest) -> HttpResponse:
    """The rooms and programs that steps can speak to; POST adds one, and shows a webhook's secret once."""
    form, secret = RoomForm(request.POST or None, initial={"language": get_language()}), ""
    if request.method == "POST" and form.is_valid():
        try:
            room, secret = actions.add_room(**form.cleaned_data, actor=person(request), now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            if not secret:
                messages.success(request, _("“%(room)s” can be a step of a policy now.") % {"room": room.name})
                return redirect("oncall:rooms")
            form = RoomForm(initial={"language": get_language()})
    kept = Room.objects.select_related("account")
    context = {"rooms": kept, "form": form, "secret": secret}
    return render(request, "oncall/rooms.html", context, status=400 if form.errors else 200)


@provider_only
@needs(MANAGE)
@require_POST
def room_trial(request: HttpRequest, ref: str) -> HttpResponse:
    """Say something there."""
    try:
        actions.try_room(room=get_room_for(request.user, ref), actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("A test is on its way."))
    return redirect("oncall:rooms")


@provider_only
@needs(MANAGE)
@require_POST
def room_removal(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget a room."""
    try:
        actions.remove_room(room=get_room_for(request.user, ref), actor=person(request), now=utc_now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("oncall:rooms")
