"""What people may fill in at the desk."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.access import apps_for
from aftercare.accounts.models import App, User
from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.actions.rating import WORDS_LIMIT
from aftercare.desk.kinds import FIELDS, asked_by, kind_choices
from aftercare.desk.models import QUESTIONS, Rating, Severity

SEVERITY_WORDS = [
    (Severity.P1, _("P1 · Service down: all or most users cannot play, push or call. Answered around the clock.")),
    (Severity.P2, _("P2 · Badly degraded: many users notice, or a core function fails. Answered around the clock.")),
    (Severity.P3, _("P3 · Partly affected: some users, one device or region, or there is a way round it.")),
    (Severity.P4, _("P4 · Question: integration, parameters, bills; nobody is affected now.")),
]
MARKS = [
    ("1", _("1 · very bad")),
    ("2", _("2 · bad")),
    ("3", _("3 · fair")),
    ("4", _("4 · good")),
    ("5", _("5 · very good")),
]


class TicketForm(forms.Form):
    """A customer's report: what, how bad, where, and the facts an engineer asks for first."""

    kind = forms.ChoiceField(
        choices=[("", _("Choose, or leave it to us")), *kind_choices()], required=False, label=_("Kind of problem")
    )
    title = forms.CharField(max_length=200, label=_("What happens?"))
    severity = forms.ChoiceField(
        choices=SEVERITY_WORDS, initial=Severity.P3, label=_("How bad is it?"), widget=forms.RadioSelect
    )
    app: "forms.ModelChoiceField[App]" = forms.ModelChoiceField(
        App.objects.none(), required=False, to_field_name="ref", label=_("App"), empty_label=_("Not about one app")
    )
    body = forms.CharField(max_length=BODY_LIMIT, widget=forms.Textarea(attrs={"rows": 8}), label=_("Details"))

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["app"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = apps_for(user)
        for name, asked in FIELDS.items():
            self.fields[f"field_{name}"] = forms.CharField(
                max_length=asked.limit,
                required=False,
                label=asked.label,
                help_text=asked.help,
                widget=forms.Textarea(attrs={"rows": 3}) if asked.limit > 500 else forms.TextInput(),
            )

    def facts(self) -> list[tuple[forms.BoundField, str]]:
        """The facts asked for, each with the kinds that ask for it, as the page's script reads them."""
        return [(self[f"field_{name}"], " ".join(asked_by(name))) for name in FIELDS]

    def answers(self) -> dict[str, str]:
        """The facts that were filled in, by field name."""
        return {name: self.cleaned_data[f"field_{name}"] for name in FIELDS if self.cleaned_data[f"field_{name}"]}


class RatingForm(forms.Form):
    """Three marks, whether it was solved at the first go, and words."""

    expertise = forms.ChoiceField(choices=MARKS, label=_("Expertise"), widget=forms.RadioSelect)
    attitude = forms.ChoiceField(choices=MARKS, label=_("Attitude"), widget=forms.RadioSelect)
    communication = forms.ChoiceField(choices=MARKS, label=_("Communication"), widget=forms.RadioSelect)
    first_contact = forms.ChoiceField(
        choices=[("", _("cannot say")), ("yes", _("yes")), ("no", _("no"))],
        required=False,
        label=_("Was it solved at the first go?"),
    )
    words = forms.CharField(
        max_length=WORDS_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=_("What should we do better, or keep?"),
    )

    def questions(self) -> list[forms.BoundField]:
        """The three marks."""
        return [self[question] for question in QUESTIONS]

    def answer(self) -> dict[str, Any]:
        """The arguments of `actions.rate`."""
        said = self.cleaned_data
        return {
            "marks": {question: int(said[question]) for question in QUESTIONS},
            "words": said["words"],
            "first_contact": {"yes": True, "no": False}.get(said["first_contact"]),
        }


def form_of(rating: Rating, data: QueryDict | None = None) -> RatingForm:
    """The form with what was answered before."""
    given = {question: getattr(rating, question) for question in QUESTIONS} if rating.rated_at else {}
    word = {True: "yes", False: "no", None: ""}[rating.first_contact]
    return RatingForm(data, initial={**given, "words": rating.words, "first_contact": word})
