"""Into the sidebar: WeCom says which member is looking, and a colleague once says which of us that is.

A visit by WeCom opens the sidebar alone, for half a day; it is no sign-in to the console.
"""

import hmac
import logging
import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from aftercare.accounts.access import person
from aftercare.accounts.models import User
from aftercare.desk.actions.linking import colleague_behind, link_colleague
from aftercare.kernel.calls import NoAnswer, NotSent
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.clients.wecom import WecomError
from aftercare.notify.clients.wecom_page import member_of, way_in
from aftercare.notify.envelope import credentials_of
from aftercare.notify.models import Account, Channel

log = logging.getLogger(__name__)

VISIT, STATE, MEMBER = "wecom_visit", "wecom_state", "wecom_member"
VISIT_S = 12 * 3600


def account_or_404(ref: str) -> Account:
    """The account whose sidebar this is."""
    return get_object_or_404(Account, ref=ref, channel=Channel.WECOM_CUSTOMER, enabled=True)


def visitor_of(request: HttpRequest, account: Account, now: datetime) -> User | None:
    """The colleague whose visit to this account's sidebar is still good."""
    visit = request.session.get(VISIT)
    if not isinstance(visit, dict) or visit.get("account") != account.ref or visit.get("until", 0) < now.timestamp():
        return None
    return colleague_behind(account, str(visit.get("member")))


def send_to_wecom(request: HttpRequest, account: Account) -> HttpResponse:
    """To WeCom, to be recognised; the state ties the answer to this browser and is good once."""
    request.session[STATE] = secrets.token_urlsafe(16)
    back_to = settings.BASE_URL + reverse("desk:wecom_entry", args=[account.ref])
    return redirect(way_in(credentials_of(account), back_to=back_to, state=request.session[STATE]))


@require_GET
def entry(request: HttpRequest, ref: str) -> HttpResponse:
    """WeCom sent somebody back with a code."""
    account, now = account_or_404(ref), utc_now()
    state = request.session.pop(STATE, "")
    if not state or not hmac.compare_digest(state.encode(), request.GET.get("state", "").encode(errors="replace")):
        return refused(request, _("This way in was used already or is not yours. Open the sidebar again."))
    try:
        member = member_of(credentials_of(account), request.GET.get("code", "")[:512])
    except (WecomError, NotSent, NoAnswer, KeyError) as error:
        log.warning("account %s: WeCom did not say who is looking: %s", account.pk, error)
        return refused(request, _("WeCom did not tell who you are. Open the sidebar again in a moment."))
    if not member:
        return refused(request, _("Only members of the company have a sidebar."))
    request.session.cycle_key()
    request.session[MEMBER] = {"account": account.ref, "member": member[:200]}
    if colleague_behind(account, member) is None:
        return redirect("desk:wecom_link", ref=account.ref)
    begin_visit(request, account, member, now)
    return redirect("desk:wecom_sidebar", ref=account.ref)


@login_required
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, ref: str) -> HttpResponse:
    """A colleague who is signed in here and was recognised there says once that both are one."""
    account, user, now = account_or_404(ref), person(request), utc_now()
    seen = request.session.get(MEMBER)
    if not user.is_provider or not isinstance(seen, dict) or seen.get("account") != account.ref:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            link_colleague(account=account, external_id=seen["member"], user=user, now=now)
            begin_visit(request, account, seen["member"], now)
            return redirect("desk:wecom_sidebar", ref=account.ref)
        except Refused as refusal:
            error = refusal.sentence
    context = {"member": seen["member"], "error": error}
    return render(request, "desk/sidebar_link.html", context, status=409 if error else 200)


def begin_visit(request: HttpRequest, account: Account, member: str, now: datetime) -> None:
    """Open the sidebar for this browser."""
    until = now.timestamp() + VISIT_S
    request.session[VISIT] = {"account": account.ref, "member": member[:200], "until": until}


def refused(request: HttpRequest, sentence: str) -> HttpResponse:
    """Why not."""
    return render(request, "desk/sidebar_refused.html", {"sentence": sentence}, status=403)
