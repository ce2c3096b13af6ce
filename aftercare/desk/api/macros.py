"""Macros and the provider's own fields over the API."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.accounts.models import User
from aftercare.desk import actions
from aftercare.desk.api.door import handler, staff
from aftercare.desk.macros import macros_for, words_of
from aftercare.desk.models import Field as OwnField
from aftercare.desk.models import Macro, Way
from aftercare.kernel.clock import utc_now

router = Router(tags=["macros and fields"])


class MacroOut(Schema):
    """Words kept for the next time, and what is done with them."""

    ref: str
    name: str
    body: str
    body_zh: str
    shared: bool = Field(description="everybody's, not one's own")
    solve: bool
    severity: str
    tags: list[str]
    claim: bool

    @staticmethod
    def resolve_shared(macro: Macro) -> bool:
        """Whether it is everybody's."""
        return macro.owner_id is None

    @staticmethod
    def resolve_solve(macro: Macro) -> bool:
        """Whether it solves the ticket."""
        return macro.does.get("status") == "solved"

    @staticmethod
    def resolve_severity(macro: Macro) -> str:
        """The grade that it gives; empty for none."""
        return str(macro.does.get("severity", ""))

    @staticmethod
    def resolve_tags(macro: Macro) -> list[str]:
        """The tags that it adds."""
        return list(macro.does.get("tags", []))

    @staticmethod
    def resolve_claim(macro: Macro) -> bool:
        """Whether it claims the ticket for whoever uses it."""
        return macro.does.get("assign") == "me"


class MacroIn(Schema):
    """A macro; {customer}, {number}, {agent}, {title}, {contact} and {app} in its words are filled in."""

    name: str
    body: str = ""
    body_zh: str = ""
    shared: bool = False
    solve: bool = False
    severity: str = ""
    tags: list[str] = []
    claim: bool = False


class WordsOut(Schema):
    """A macro's words for one ticket, in the language of who asked."""

    body: str


class FieldOut(Schema):
    """A question of the provider's own about tickets."""

    ref: str
    name: str
    name_zh: str
    type: str = Field(description="text, number, day, yes_no, choice")
    choices: list[str]
    ways: list[str] = Field(description="asked of tickets that came in these ways; empty for all")
    is_used: bool


class FieldIn(Schema):
    """A question to ask."""

    name: str
    name_zh: str = ""
    type: str = "text"
    choices: list[str] = []
    ways: list[str] = []
    is_used: bool = True


@router.get("/macros", response=list[MacroOut], summary="Macros")
def list_macros(request: HttpRequest) -> list[Macro]:
    """One's own and everybody's, by name; the first 500."""
    return list(macros_for(staff(request))[:500])


@router.post("/macros", response={201: MacroOut}, summary="Keep a macro")
def add_macro(request: HttpRequest, facts: MacroIn) -> Status[Macro]:
    """A new macro."""
    user = staff(request)
    return Status(201, kept(Macro(), facts, user))


@router.put("/macros/{ref}", response=MacroOut, summary="Change a macro")
def change_macro(request: HttpRequest, ref: str, facts: MacroIn) -> Macro:
    """Say anew what it is; a shared one belongs to everybody who answers tickets."""
    user = staff(request)
    return kept(get_object_or_404(macros_for(user), ref=ref), facts, user)


@router.delete("/macros/{ref}", response={204: None}, summary="Remove a macro")
def remove_macro(request: HttpRequest, ref: str) -> Status[None]:
    """Take it away; what was written with it stays."""
    user = staff(request)
    actions.remove_macro(macro=get_object_or_404(macros_for(user), ref=ref), actor=user, now=utc_now())
    return Status(204, None)


@router.get("/tickets/{ref}/macros/{macro}", response=WordsOut, summary="A macro's words for a ticket")
def macro_words(request: HttpRequest, ref: str, macro: str) -> dict[str, str]:
    """The words as the composer gets them; send them with `macro` to have done what the macro does."""
    user, ticket = handler(request, ref)
    return {"body": words_of(get_object_or_404(macros_for(user), ref=macro), ticket, user)}


@router.get("/fields", response=list[FieldOut], summary="The provider's own fields")
def list_fields(request: HttpRequest) -> list[OwnField]:
    """Every field, those out of use too."""
    staff(request)
    return list(OwnField.objects.all())


@router.post("/fields", response={201: FieldOut}, summary="Add a field")
def add_field(request: HttpRequest, facts: FieldIn) -> Status[OwnField]:
    """A new question."""
    user = staff(request, "manage_accounts")
    return Status(201, asked(OwnField(), facts, user))


@router.put("/fields/{ref}", response=FieldOut, summary="Change a field")
def change_field(request: HttpRequest, ref: str, facts: FieldIn) -> OwnField:
    """Say anew what it is, or put it out of use."""
    user = staff(request, "manage_accounts")
    return asked(get_object_or_404(OwnField, ref=ref), facts, user)


def kept(macro: Macro, facts: MacroIn, user: User) -> Macro:
    """The macro as the call says it."""
    macro.name, macro.body, macro.body_zh = (
        facts.name,
        facts.body,
        facts.body_zh,
    )
    macro.owner = None if facts.shared else user
    macro.does = {
        "status": "solved" if facts.solve else "",
        "severity": facts.severity,
        "tags": facts.tags,
        "assign": "me" if facts.claim else "",
    }
    return actions.save_macro(macro=macro, actor=user, now=utc_now())


def asked(field: OwnField, facts: FieldIn, user: User) -> OwnField:
    """The field as the call says it."""
    field.name, field.name_zh = facts.name, facts.name_zh.strip()[:60]
    field.type, field.is_used = facts.type, facts.is_used
    field.choices = facts.choices
    field.ways = [way for way in facts.ways if way in Way.values]
    return actions.save_field(field=field, actor=user, now=utc_now())
