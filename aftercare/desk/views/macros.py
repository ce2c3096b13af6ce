"""Macros and the provider's own fields: kept by staff, used in the composer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import require
from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.access import get_ticket_for
from aftercare.desk.macros import WORDS, macros_for, words_of
from aftercare.desk.models import Field, FieldType, Macro, Severity, Way
from aftercare.desk.views.saved import staff_member
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused


@login_required
def macros(request: HttpRequest) -> HttpResponse:
    """One's own and everybody's macros, and the form that makes one."""
    user = staff_member(request)
    macro = Macro(owner=user)
    if request.method == "POST":
        return keep(request, user, macro)
    return render(request, "desk/macros.html", page_of_macros(user, macro))


@login_required
def change_macro(request: HttpRequest, ref: str) -> HttpResponse:
    """Change a macro that is there; a shared one belongs to everybody who answers tickets."""
    user = staff_member(request)
    macro = get_object_or_404(macros_for(user), ref=ref)
    if request.method == "POST":
        return keep(request, user, macro)
    return render(request, "desk/macros.html", page_of_macros(user, macro))


@login_required
@require_POST
def remove_macro(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a macro away."""
    user = staff_member(request)
    macro = get_object_or_404(macros_for(user), ref=ref)
    actions.remove_macro(macro=macro, actor=user, now=utc_now())
    messages.success(request, _("The macro is gone."))
    return redirect("desk:macros")


def keep(request: HttpRequest, user: User, macro: Macro) -> HttpResponse:
    """Take the form into the macro; 409 with what was typed when it cannot be kept."""
    told = {name: request.POST.get(name, "").replace("\x00", "") for name in ("name", "body", "body_zh", "tags")}
    macro.name, macro.body, macro.body_zh = told["name"], told["body"], told["body_zh"]
    macro.owner = None if request.POST.get("shared") == "1" else user
    macro.does = {
        "status": "solved" if request.POST.get("solve") == "1" else "",
        "severity": request.POST.get("severity", ""),
        "tags": told["tags"].replace("，", " ").replace(",", " ").split(),
        "assign": "me" if request.POST.get("assign") == "1" else "",
    }
    try:
        actions.save_macro(macro=macro, actor=user, now=utc_now())
    except Refused as refused:
        context = page_of_macros(user, macro) | {"error": refused.sentence}
        return render(request, "desk/macros.html", context, status=409)
    messages.success(request, _("The macro is kept."))
    return redirect("desk:macros")


def page_of_macros(user: User, macro: Macro) -> dict[str, object]:
    """What the page shows."""
    return {
        "macros": macros_for(user)[:500],
        "macro": macro,
        "severities": Severity.choices,
        "words": [f"{{{word}}}" for word in WORDS],
        "tags": " ".join(macro.does.get("tags", [])),
    }


@login_required
def macro_words(request: HttpRequest, ref: str, macro_ref: str) -> HttpResponse:
    """A macro's words for this ticket, as the composer takes them."""
    user = staff_member(request)
    ticket = get_ticket_for(user, ref)
    macro = get_object_or_404(macros_for(user), ref=macro_ref)
    return render(
        request, "desk/_draft.html", {"draft": words_of(macro, ticket, user), "macro": macro, "ticket": ticket}
    )


@login_required
def fields(request: HttpRequest) -> HttpResponse:
    """The provider's own questions about tickets; whoever manages accounts may add one or put it out of use."""
    user = staff_member(request)
    require(user, "manage_accounts")
    error = ""
    if request.method == "POST":
        told = {name: text.replace("\x00", "") for name, text in request.POST.items() if isinstance(text, str)}
        field = Field.objects.filter(ref=told.get("ref", "")).first() or Field()
        if "is_used" in told:
            field.is_used = told["is_used"] == "1"
        else:
            field.name, field.name_zh = told.get("name", ""), told.get("name_zh", "").strip()[:60]
            field.type = told.get("type", "")
            field.choices = told.get("choices", "").splitlines()
            field.ways = [way for way in request.POST.getlist("way") if way in Way.values]
        try:
            actions.save_field(field=field, actor=user, now=utc_now())
        except Refused as refused:
            error = refused.sentence
        else:
            return redirect("desk:fields")
    context = {"fields": Field.objects.all(), "types": FieldType.choices, "ways": Way.choices, "error": error}
    return render(request, "desk/fields.html", context, status=409 if error else 200)
