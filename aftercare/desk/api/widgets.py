"""Chat widgets over the API."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from aftercare.desk import actions
from aftercare.desk.api.door import staff
from aftercare.desk.chat_forms import ChatWidgetForm
from aftercare.desk.models import ChatWidget
from aftercare.kernel.clock import utc_now
from aftercare.web.api import valid

router = Router(tags=["web chat"])
MANAGE = "manage_accounts"


class WidgetIn(Schema):
    """A chat window for a customer's site; without a customer every visitor's identity says which."""

    name: str
    customer: str = ""
    origins: list[str] = Field([], description="sites that may show it")
    anonymous: bool = False
    greeting: str = ""
    greeting_zh: str = ""
    calendar: str = Field("", description="opening hours by ref; empty is around the clock")
    reply_within_min: int = 60
    enabled: bool = True


class WidgetOut(Schema):
    """A widget; its site key stands in the site's pages."""

    ref: str
    site_key: str
    name: str
    customer: str | None
    origins: list[str]
    anonymous: bool
    greeting: str
    greeting_zh: str
    calendar: str | None
    reply_within_s: int
    enabled: bool

    @staticmethod
    def resolve_customer(widget: ChatWidget) -> str | None:
        """The customer's ref."""
        return widget.customer.ref if widget.customer else None

    @staticmethod
    def resolve_calendar(widget: ChatWidget) -> str | None:
        """The calendar's ref."""
        return widget.calendar.ref if widget.calendar else None


class WidgetMadeOut(Schema):
    """A widget with its secret, which is shown here and never again: the site's server signs identities with it."""

    widget: WidgetOut
    secret: str


@router.get("/chat-widgets", response=list[WidgetOut], summary="Chat widgets")
def list_widgets(request: HttpRequest) -> list[ChatWidget]:
    """Every widget."""
    staff(request, MANAGE)
    return list(ChatWidget.objects.select_related("customer", "calendar"))


@router.post("/chat-widgets", response={201: WidgetMadeOut}, summary="Add a chat widget")
def add_widget(request: HttpRequest, facts: WidgetIn) -> Status[dict[str, Any]]:
    """Keep the secret: it is not told again."""
    user = staff(request, MANAGE)
    form = form_of(facts)
    widget, secret = actions.save_widget(widget=None, facts=form.facts(), actor=user, now=utc_now())
    return Status(201, {"widget": widget, "secret": secret})


@router.put("/chat-widgets/{ref}", response=WidgetOut, summary="Change a chat widget")
def change_widget(request: HttpRequest, ref: str, facts: WidgetIn) -> ChatWidget:
    """Its key and secret stay."""
    user = staff(request, MANAGE)
    widget = get_object_or_404(ChatWidget, ref=ref)
    saved, _secret = actions.save_widget(widget=widget, facts=form_of(facts).facts(), actor=user, now=utc_now())
    return saved


@router.post("/chat-widgets/{ref}/secret", response=WidgetMadeOut, summary="Renew a widget's secret")
def renew(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The old one is worth nothing from now on."""
    user = staff(request, MANAGE)
    widget = get_object_or_404(ChatWidget.objects.select_related("customer", "calendar"), ref=ref)
    return {"widget": widget, "secret": actions.renew_secret(widget=widget, actor=user, now=utc_now())}


def form_of(facts: WidgetIn) -> ChatWidgetForm:
    """The page's own form, valid."""
    form = ChatWidgetForm(facts.model_dump() | {"origins": "\n".join(facts.origins)})
    valid(form)
    return form
