"""The form of an update."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.incidents.models import Stage
from aftercare.incidents.status.publishing import PublicTitle

MINUTES = (5, 10, 15, 30, 60, 120, 240, 1440)


def spans() -> list[tuple[str, str]]:
    """Within what the next update may be promised."""
    return [("", _("none: this is the last"))] + [(str(n), span(n)) for n in MINUTES]


def span(minutes: int) -> str:
    """`30 min`, `2 h`."""
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    return _("%(n)d h") % {"n": minutes // 60}


class UpdateForm(forms.Form):
    """Both texts, how far the work is, and when the next word comes."""

    stage = forms.ChoiceField(label=gettext_lazy("How far the work is"), choices=Stage.choices)
    body_zh = forms.CharField(
        label=gettext_lazy("Chinese"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5, "lang": "zh-Hans"})
    )
    body = forms.CharField(
        label=gettext_lazy("English"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5, "lang": "en"})
    )
    next_within = forms.TypedChoiceField(
        label=gettext_lazy("Next update within"), coerce=int, empty_value=None, required=False
    )
    is_public = forms.BooleanField(
        label=gettext_lazy("On the public status page, too, for everybody to read"), required=False
    )
    public_title_zh = forms.CharField(
        label=gettext_lazy("Its title there, in Chinese; name no customer"), max_length=200, required=False
    )
    public_title = forms.CharField(label=gettext_lazy("Its title there, in English"), max_length=200, required=False)
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput, required=False)
    begun = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, has_public: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_public:
            for name in ("is_public", "public_title_zh", "public_title"):
                del self.fields[name]
        self.fields["next_within"].choices = spans()  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What `post_update` takes."""
        said = {name: self.cleaned_data[name] for name in ("stage", "body", "body_zh", "token", "seen")}
        minutes = self.cleaned_data["next_within"]
        public = None
        if self.cleaned_data.get("is_public"):
            public = PublicTitle(self.cleaned_data["public_title"], self.cleaned_data["public_title_zh"])
        return {**said, "public": public, "next_within": timedelta(minutes=minutes) if minutes else None}
