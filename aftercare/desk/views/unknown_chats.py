"""Chats to which our bot was added and that are no service group yet: a person places them, or dismisses them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can, needs, person, provider_only
from aftercare.desk.access import get_unknown_chat_for, unknown_chats_for
from aftercare.desk.actions import adopt_chat, dismiss_chat
from aftercare.desk.forms import AdoptForm
from aftercare.desk.models import UnknownChat
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of

PER_PAGE = 50


@provider_only
@require_GET
def unknown_chats(request: HttpRequest) -> HttpResponse:
    """What waits to be placed, the last heard first."""
    return render(request, "desk/unknown_chats.html", context_of(request))


def context_of(request: HttpRequest, wrong: tuple[UnknownChat, AdoptForm] | None = None) -> dict[str, object]:
    """The list, each chat with its form; `wrong` is one that was just filled in and has to be looked at again."""
    user = person(request)
    page = page_of(unknown_chats_for(user), request, PER_PAGE)
    forms = {chat.pk: AdoptForm(chat=chat) for chat in page.rows}
    if wrong is not None:
        forms[wrong[0].pk] = wrong[1]
    may_manage = can(user, "manage_desk")
    return {"page": page, "rows": [(chat, forms[chat.pk]) for chat in page.rows], "may_manage": may_manage}


@provider_only
@needs("manage_desk")
@require_POST
def adopt(request: HttpRequest, ref: str) -> HttpResponse:
    """Make a chat the service group of a customer."""
    chat = get_unknown_chat_for(person(request), ref)
    form = AdoptForm(request.POST, chat=chat)
    if form.is_valid():
        try:
            group = adopt_chat(chat=chat, **form.cleaned_data, actor=person(request), now=utc_now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Placed. What was said there comes in now; look at who answers and how fast."))
            return redirect("desk:group_settings", group.ref)
    return render(request, "desk/unknown_chats.html", context_of(request, (chat, form)), status=400)


@provider_only
@needs("manage_desk")
@require_POST
def dismiss(request: HttpRequest, ref: str) -> HttpResponse:
    """Forget a chat that is no customer's."""
    chat = get_unknown_chat_for(person(request), ref)
    dismiss_chat(chat=chat, actor=person(request), now=utc_now())
    messages.success(request, _("Dismissed. Take the bot out of that chat, or it comes again with the next message."))
    return redirect("desk:unknown_chats")
