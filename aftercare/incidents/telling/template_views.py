"""Pages of update templates: whoever may act reads them, a manager writes them."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, provider_with, require
from aftercare.incidents.models import Stage, UpdateTemplate
from aftercare.incidents.telling.templates import (
    BODY_AT_MOST,
    NAME_AT_MOST,
    TemplateFacts,
    remove_template,
    save_template,
)
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

ACT, MANAGE = "act_on_incidents", "manage_oncall"


class TemplateForm(forms.Form):
    """A template, and the version that it was made from."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_AT_MOST)
    stage = forms.ChoiceField(label=gettext_lazy("How far the work is"), choices=Stage.choices)
    body_zh = forms.CharField(
        label=gettext_lazy("Chinese"), max_length=BODY_AT_MOST, widget=forms.Textarea(attrs={"rows": 5})
    )
    body = forms.CharField(
        label=gettext_lazy("English"),
        max_length=BODY_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "{title}, {since} and {next} fill themselves: what is broken, since when, and within what the next update "
            "comes. What only a person can know stands in [square brackets]: it cannot be sent while one is left."
        ),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def facts(self) -> TemplateFacts:
        """What `save_template` takes."""
        return TemplateFacts(*(self.cleaned_data[name] for name in ("name", "stage", "body", "body_zh")))


@login_required
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """All of them, by how far the work is."""
    user = provider_with(request, ACT)
    rows = UpdateTemplate.objects.filter(removed_at=None).select_related("changed_by")
    order = {stage: place for place, stage in enumerate(Stage.values)}
    found = sorted(rows, key=lambda one: (order[one.stage], one.name))
    context = {"templates": found, "may_manage": can(user, MANAGE)}
    return render(request, "incidents/templates/templates.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, ref: str = "") -> HttpResponse:
    """A new one, or one that there is; POST saves a version."""
    user = provider_with(request, ACT)
    row = get_object_or_404(UpdateTemplate, ref=ref, removed_at=None) if ref else None
    if row is None or request.method == "POST":
        require(user, MANAGE)
    initial: dict[str, Any] = {"seen": row.version if row else 0}
    if row is not None:
        initial |= {name: getattr(row, name) for name in ("name", "stage", "body", "body_zh")}
    form = TemplateForm(request.POST or None, initial=initial)
    theirs = None
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            save_template(template=row, facts=form.facts(), seen=seen, actor=user, now=utc_now())
            return redirect("incidents:update_templates")
        except Refused as refused:
            theirs = UpdateTemplate.objects.get(pk=row.pk) if row is not None and row.version != seen else None
            if theirs is not None:  # whoever presses again has read it
                again = request.POST.copy()
                again["seen"] = str(theirs.version)
                form = TemplateForm(again)
            form.add_error(None, refused.sentence)
    context = {"template": row, "form": form, "theirs": theirs, "may_manage": can(user, MANAGE)}
    return render(request, "incidents/templates/template.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def removal(request: HttpRequest, ref: str) -> HttpResponse:
    """Offer it no more."""
    user = provider_with(request, MANAGE)
    remove_template(template=get_object_or_404(UpdateTemplate, ref=ref), actor=user, now=utc_now())
    return redirect("incidents:update_templates")
