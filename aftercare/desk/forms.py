"""What people may fill in at the desk."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.access import apps_for
from aftercare.accounts.models import App, Customer, User
from aftercare.clocks.models import Calendar
from aftercare.desk.actions.locking import BODY_LIMIT
from aftercare.desk.actions.rating import WORDS_LIMIT
from aftercare.desk.kinds import FIELDS, asked_by, kind_choices
from aftercare.desk.models import QUESTIONS, Group, Rating, Severity, UnknownChat
from aftercare.notify.models import PERSONAL, Account

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


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the provider's people, or nobody."""

    def __init__(self, **kwargs: Any) -> None:
        staff = User.objects.filter(customer__isnull=True, is_active=True).order_by("name", "pk")
        super().__init__(staff, required=False, to_field_name="ref", empty_label=_("nobody"), **kwargs)


class AdoptForm(forms.Form):
    """Whose group a chat is that nobody has placed; everything else has its beginning in the group's settings."""

    customer: "forms.ModelChoiceField[Customer]" = forms.ModelChoiceField(
        Customer.objects.all(), to_field_name="ref", label=_("Customer")
    )
    name = forms.CharField(max_length=120, label=_("Name"))
    expert = StaffField(label=_("Expert"))

    def __init__(self, *args: Any, chat: UnknownChat, **kwargs: Any) -> None:
        kwargs |= {"initial": {"name": str(chat)[:120]}, "auto_id": f"{chat.ref}-%s"}
        super().__init__(*args, **kwargs)


class GroupForm(forms.Form):
    """A service group: which chat it is, who answers for it, and within how long."""

    customer: "forms.ModelChoiceField[Customer]" = forms.ModelChoiceField(
        Customer.objects.all(), to_field_name="ref", label=_("Customer")
    )
    account: "forms.ModelChoiceField[Account]" = forms.ModelChoiceField(
        Account.objects.exclude(channel__in=PERSONAL), to_field_name="ref", label=_("Account with the vendor")
    )
    chat_id = forms.CharField(max_length=200, label=_("The vendor's id of the group"))
    name = forms.CharField(max_length=120, label=_("Name"))
    name_zh = forms.CharField(max_length=120, required=False, label=_("Chinese name"))
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language of what the system says there"))
    expert = StaffField(label=_("Expert: reminded at half of the time"))
    deputy = StaffField(label=_("Deputy: reminded when the time is up"))
    manager = StaffField(label=_("Manager: reminded at twice the time"))
    calendar: "forms.ModelChoiceField[Calendar]" = forms.ModelChoiceField(
        Calendar.objects.all(),
        required=False,
        to_field_name="ref",
        label=_("Opening hours"),
        empty_label=_("around the clock"),
    )
    minutes = forms.FloatField(
        min_value=0.5, max_value=24 * 60, initial=5, label=_("First reply within (minutes of opening hours)")
    )
    enabled = forms.BooleanField(required=False, initial=True, label=_("In use"))
    hears_incidents = forms.BooleanField(required=False, initial=True, label=_("Hears updates of incidents"))

    FIXED = ("customer", "account", "chat_id")
    TAKEN = ("name", "name_zh", "language", "expert", "deputy", "manager", "calendar", "enabled", "hears_incidents")

    def __init__(self, *args: Any, group: Group | None, **kwargs: Any) -> None:
        self.kept = group
        if group is not None:
            kwargs["initial"] = {
                **{name: getattr(group, name) for name in (*self.FIXED, *self.TAKEN)},
                "minutes": f"{group.reply_target_s / 60:g}",
            }
        else:
            default = Calendar.objects.filter(is_default=True).first()
            kwargs["initial"] = {"language": settings.LANGUAGE_CODE, "calendar": default}
        super().__init__(*args, **kwargs)
        if group is not None:
            for name in self.FIXED:
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """One chat is one group, of one customer."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        known = Group.objects.filter(account=said.get("account"), chat_id=said.get("chat_id", ""))
        if known.exclude(pk=self.kept.pk if self.kept else 0).exists():
            self.add_error("chat_id", _("This chat is a group already."))
        return said

    def group(self) -> Group:
        """The group as the valid form says it, not kept yet."""
        said = self.cleaned_data
        group = self.kept or Group(**{name: said[name] for name in self.FIXED})
        for name in self.TAKEN:
            setattr(group, name, said[name])
        group.reply_target_s = round(said["minutes"] * 60)
        return group
