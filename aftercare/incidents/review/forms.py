"""Forms of what is said of an incident afterwards."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.accounts.models import Customer, User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.incidents.models import Incident, Level, Party
from aftercare.incidents.review.rules import GridRow, Rules
from aftercare.incidents.review.sections import FOLLOW_UPS, LINES, SECTIONS
from aftercare.incidents.telling.forms import MINUTES, span
from aftercare.kernel.errors import Refused

Area = forms.Textarea
NEW_ROWS = 2
PARTS_BESIDE = (
    (LINES, gettext_lazy("Customers read the chosen lines")),
    (FOLLOW_UPS, gettext_lazy("Customers read the follow-ups")),
)


class GradeForm(forms.Form):
    """A grade, with a reason where it is not the proposed one."""

    level = forms.TypedChoiceField(label=gettext_lazy("Level"), choices=Level.choices, coerce=int)
    users = forms.IntegerField(
        label=gettext_lazy("Users hit, where you know better"), required=False, min_value=0, max_value=10**10
    )
    reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=2000, widget=Area(attrs={"rows": 2}))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ResponsibilityForm(forms.Form):
    """Whose it was, for all or for one customer, with shares and evidence."""

    customer = forms.ModelChoiceField(
        label=gettext_lazy("For"), queryset=Customer.objects.none(), to_field_name="ref", required=False
    )
    party = forms.ChoiceField(label=gettext_lazy("Whose it was"), choices=Party.choices)
    ours = forms.IntegerField(label=gettext_lazy("Our share, %"), required=False, min_value=0, max_value=100)
    theirs = forms.IntegerField(
        label=gettext_lazy("The customer's share, %"), required=False, min_value=0, max_value=100
    )
    third = forms.IntegerField(
        label=gettext_lazy("A third party's share, %"), required=False, min_value=0, max_value=100
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=2000, widget=Area(attrs={"rows": 2}))
    evidence = forms.CharField(
        label=gettext_lazy("Evidence, one a line"),
        required=False,
        max_length=12_000,
        widget=Area(attrs={"rows": 3}),
        help_text=gettext_lazy("Alerts and tickets by number, addresses, what was found and where it is kept."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.queryset = Customer.objects.filter(pk__in=incident.customers.values("customer")).order_by("name")
        field.empty_label = _("every customer without a word of its own")

    def facts(self) -> dict[str, Any]:
        """What `hold_responsible` takes."""
        said = self.cleaned_data
        shares = {"ours": said["ours"] or 0, "customer": said["theirs"] or 0, "third": said["third"] or 0}
        kept = {name: said[name] for name in ("customer", "party", "reason", "seen")}
        return {**kept, "shares": shares, "evidence": said["evidence"].splitlines()}


class FollowUpForm(forms.Form):
    """What is to be done, by whom, until when."""

    title_zh = forms.CharField(label=gettext_lazy("What, in Chinese"), max_length=200, required=False)
    title = forms.CharField(label=gettext_lazy("What, in English"), max_length=200, required=False)
    owner = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=User.objects.none(), to_field_name="ref")
    due_on = forms.DateField(label=gettext_lazy("Due by"), widget=forms.DateInput(attrs={"type": "date"}))
    is_root_fix = forms.BooleanField(label=gettext_lazy("This removes the cause (root fix)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = list_staff_with("act_on_incidents").order_by("name")


class RulesForm(forms.Form):
    """The table of grades and the due times."""

    first_red = forms.IntegerField(label=gettext_lazy("Red: first update within, minutes"), min_value=0, max_value=1440)
    first_warning = forms.IntegerField(
        label=gettext_lazy("Warning: first update within, minutes"),
        min_value=0,
        max_value=1440,
        help_text=gettext_lazy("0: none is owed."),
    )
    next_red = forms.TypedChoiceField(label=gettext_lazy("Red: each further update within"), coerce=int)
    next_warning = forms.TypedChoiceField(label=gettext_lazy("Warning: each further update within"), coerce=int)
    report_days = forms.IntegerField(
        label=gettext_lazy("Written report within, working days"), min_value=1, max_value=60
    )
    report_up_to = forms.TypedChoiceField(
        label=gettext_lazy("Written report owed up to"), choices=Level.choices, coerce=int
    )
    regulator_hours = forms.IntegerField(
        label=gettext_lazy("Regulator told within, hours"),
        min_value=1,
        max_value=720,
        required=False,
        help_text=gettext_lazy("Empty: no such clock."),
    )
    regulator_up_to = forms.TypedChoiceField(
        label=gettext_lazy("Regulator told up to"), choices=Level.choices, coerce=int
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spans = [(n, span(n)) for n in MINUTES]
        self.fields["next_red"].choices = spans  # type: ignore[attr-defined]
        self.fields["next_warning"].choices = spans  # type: ignore[attr-defined]
        names = [name for name in self.fields if name != "seen"]
        self.initial = {**{name: getattr(rules, name) for name in names}, "seen": rules.version}
        self.told = [(str(row.level), str(row.users), str(row.minutes)) for row in rules.grid]
        if self.is_bound:
            self.told = self.posted_rows()

    def posted_rows(self) -> list[tuple[str, str, str]]:
        """The rows of the table as they were typed, empty ones left out."""
        data: Any = self.data
        columns = (data.getlist("level"), data.getlist("users"), data.getlist("minutes"))
        return [row for row in zip(*columns, strict=False) if row[1].strip() or row[2].strip()][:40]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as the page shows them, with some empty ones."""
        told = [*self.told, *[("4", "", "")] * NEW_ROWS]
        return [
            {"level": level, "users": users, "minutes": minutes, "levels": Level.choices}
            for level, users, minutes in told
        ]

    def rules(self) -> Rules:
        """What `save_rules` takes, version and all. Raises Refused for a row that is no row."""
        said = {name: self.cleaned_data[name] for name in self.fields if name != "seen"}
        return Rules(version=0, grid=tuple(grid_row(*row) for row in self.told), **said)


def grid_row(level: str, users: str, minutes: str) -> GridRow:
    """One row out of what was typed. Raises Refused."""
    typed = [text.strip().replace(",", "") for text in (level, users, minutes)]
    if not all(text.isascii() and text.isdecimal() and len(text) < 11 for text in typed):
        raise Refused(_("A row of the table has a level, users and minutes, in whole numbers."))
    row = GridRow(*(int(text) for text in typed))
    if row.level not in Level.values:
        raise Refused(_("There is no such level."))
    return row


def content_of(data: Any) -> dict[str, Any]:
    """A post-mortem's content out of its posted form."""
    texts = {
        one.key: {language: data.get(f"{one.key}_{language}", "") for language in ("en", "zh")} for one in SECTIONS
    }
    lines = [int(text) for text in data.getlist("line") if text.isascii() and text.isdecimal() and len(text) < 16]
    return {"texts": texts, "lines": lines, "told": data.getlist("told"), "names": data.get("names") == "1"}


def fields_of(content: dict[str, Any], theirs: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The sections as the editor shows them: both texts, whether customers read it, and `theirs` where they differ."""
    return [
        {
            "section": one,
            "told": one.key in content["told"],
            "texts": [
                {
                    "name": f"{one.key}_{language}",
                    "language": language,
                    "mine": said_in(content, one.key, language),
                    "theirs": differing(theirs, content, one.key, language),
                }
                for language in ("zh", "en")
            ],
        }
        for one in SECTIONS
    ]


def differing(theirs: dict[str, Any] | None, mine: dict[str, Any], key: str, language: str) -> str | None:
    """What the other one wrote there, None where it is the same."""
    if theirs is None:
        return None
    said = said_in(theirs, key, language)
    return said if said.strip() != said_in(mine, key, language).replace("\r\n", "\n").strip() else None


def said_in(content: dict[str, Any], key: str, language: str) -> str:
    """A section's text; empty in a post-mortem that is older than the section."""
    said: str = content["texts"].get(key, {}).get(language, "")
    return said
