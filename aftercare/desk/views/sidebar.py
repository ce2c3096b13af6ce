"""The page in WeCom's sidebar: the group's customer, its clock, its tickets, and replies to send by hand."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from aftercare.accounts.access import can
from aftercare.clocks.queries import clocks_going
from aftercare.desk.actions.prepared import OPEN, open_prepared, words_of
from aftercare.desk.models import UNSETTLED, Group, PreparedReply
from aftercare.desk.views.sidebar_entry import account_or_404, send_to_wecom, visitor_of
from aftercare.kernel.calls import NoAnswer, NotSent
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.kernel.sealing import InvalidToken
from aftercare.notify.clients.wecom import WecomError
from aftercare.notify.clients.wecom_page import page_config
from aftercare.notify.envelope import credentials_of
from aftercare.notify.models import Account
from aftercare.web.middleware import CONTENT_SECURITY_POLICY

log = logging.getLogger(__name__)

RECENT = 20
# The vendor's app hands its functions only to the vendor's own scripts, which come from there.
VENDOR_SCRIPTS = ("https://res.wx.qq.com", "https://open.work.weixin.qq.com")
POLICY = f"{CONTENT_SECURITY_POLICY}; script-src 'self' {' '.join(VENDOR_SCRIPTS)}"


@require_GET
def sidebar(request: HttpRequest, ref: str) -> HttpResponse:
    """The page; the group is the one that WeCom says it stands beside, or that the address names."""
    account, now = account_or_404(ref), utc_now()
    if visitor_of(request, account, now) is None:
        return send_to_wecom(request, account)
    chat = request.GET.get("chat", "").replace("\x00", "")
    context = {
        "account": account,
        "sdk": sdk_config(account, settings.BASE_URL + request.get_full_path(), now),
        "groups": Group.objects.filter(account=account, enabled=True),
        **(group_context(account, chat, now) if chat else {}),
    }
    response = render(request, "desk/sidebar.html", context)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def sdk_config(account: Account, url: str, now: datetime) -> dict[str, Any] | None:
    """What the vendor's scripts are started with; None while WeCom gives us no ticket."""
    try:
        return page_config(credentials_of(account), url, now)
    except (WecomError, NotSent, NoAnswer, KeyError, InvalidToken) as error:
        log.warning("account %s: no ticket for the sidebar: %s", account.pk, error)
        return None


@require_GET
def sidebar_group(request: HttpRequest, ref: str) -> HttpResponse:
    """The part about one group, for the page that is open."""
    account, now = account_or_404(ref), utc_now()
    if visitor_of(request, account, now) is None:
        return HttpResponse(_("Open the sidebar again."), status=403, content_type="text/plain; charset=utf-8")
    chat = request.GET.get("chat", "").replace("\x00", "")
    return render(request, "desk/_sidebar_group.html", group_context(account, chat, now))


def group_context(account: Account, chat: str, now: datetime) -> dict[str, Any]:
    """What is shown of a group; `group` None where the chat is no service group."""
    group = Group.objects.filter(account=account, chat_id=chat).select_related("customer", "expert").first()
    if group is None:
        return {"chat": chat, "group": None}
    waiting = PreparedReply.objects.filter(group=group, state__in=OPEN).select_related("message__author", "group")
    said = group.messages.filter(prepared__isnull=True) | group.messages.filter(provider_message_id__isnull=False)
    newest = said.select_related("author", "contact").order_by("-created_at", "-pk")[:RECENT]
    return {
        "account": account,
        "chat": chat,
        "group": group,
        "clock": clocks_going([group.ref]).first(),
        "tickets": group.tickets.filter(status__in=UNSETTLED).order_by("-updated_at")[:5],
        "prepared": [(reply, words_of(reply)) for reply in waiting.order_by("pk")],
        "thread": list(reversed(newest)),
    }


@require_POST
def hand_over(request: HttpRequest, ref: str, reply: str) -> HttpResponse:
    """A colleague presses send: the words for WeCom's own function, or the sentence why not."""
    account, now = account_or_404(ref), utc_now()
    user = visitor_of(request, account, now)
    if user is None or not can(user, "reply_to_tickets"):
        return JsonResponse({"sentence": _("Open the sidebar again.")}, status=403)
    prepared = get_object_or_404(PreparedReply, ref=reply, group__account=account)
    try:
        row = open_prepared(prepared=prepared, user=user, now=now)
    except Refused as refused:
        return JsonResponse({"sentence": refused.sentence}, status=409)
    return JsonResponse({"text": words_of(row)})
