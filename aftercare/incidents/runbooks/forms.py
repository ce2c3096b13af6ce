"""Forms of runbooks and drills."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.models import Drill, Runbook

Area = forms.Textarea


class RunbookForm(forms.Form):
    """Title, steps in both languages (line by line), and what it is for."""

    title_zh = forms.CharField(label=gettext_lazy("Title, in Chinese"), max_length=120, required=False)
    title = forms.CharField(label=gettext_lazy("Title, in English"), max_length=120, required=False)
    steps_zh = forms.CharField(
        label=gettext_lazy("Steps in Chinese, one a line"), required=False, widget=Area(attrs={"rows": 8})
    )
    steps = forms.CharField(
        label=gettext_lazy("Steps in English, one a line"),
        required=False,
        widget=Area(attrs={"rows": 8}),
        help_text=gettext_lazy("The same line is the same step in both languages."),
    )
    causes = forms.CharField(
        label=gettext_lazy("Offered for, one a line"), required=False, widget=Area(attrs={"rows": 4})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)

    def facts(self) -> dict[str, Any]:
        """What `save_runbook` takes."""
        said = self.cleaned_data
        chinese, english = lines_of(said["steps_zh"]), lines_of(said["steps"])
        count = max(len(chinese), len(english))
        chinese, english = (lines + [""] * (count - len(lines)) for lines in (chinese, english))
        steps = [{"en": en or zh, "zh": zh} for en, zh in zip(english, chinese, strict=True)]
        pairs = [line.partition(":") for line in lines_of(said["causes"].replace("：", ":"))]
        causes = [{"kind": kind.strip(), "value": value.strip()} for kind, _colon, value in pairs]
        return {"steps": steps, "causes": causes, **{name: said[name] for name in ("title", "title_zh", "seen")}}


def lines_of(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.replace("\x00", "").splitlines() if line.strip()]


def started_from(runbook: Runbook) -> dict[str, Any]:
    """A form's contents out of a runbook."""
    return {
        "title": runbook.title,
        "title_zh": runbook.title_zh,
        "steps": "\n".join(step["en"] for step in runbook.steps),
        "steps_zh": "\n".join(step["zh"] for step in runbook.steps),
        "causes": "\n".join(f"{cause['kind']}: {cause['value']}" for cause in runbook.causes),
        "seen": runbook.version,
    }


class DrillForm(forms.Form):
    """Which runbook, when, and with whom."""

    runbook = forms.ModelChoiceField(
        label=gettext_lazy("Runbook"), queryset=Runbook.objects.filter(retired_at=None), to_field_name="ref"
    )
    planned_on = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who takes part"),
        queryset=User.objects.none(),
        to_field_name="ref",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.queryset = list_staff_with("act_on_incidents").order_by("name")


class ResultForm(forms.Form):
    """How a drill went."""

    result = forms.ChoiceField(label=gettext_lazy("How it went"), choices=Drill.Result.choices)
    findings = forms.CharField(
        label=gettext_lazy("What was found"), required=False, max_length=10_000, widget=Area(attrs={"rows": 4})
    )
