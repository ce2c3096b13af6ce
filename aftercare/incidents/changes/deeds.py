"""What people do to a change on its page: each is one press, and a refusal stands on the page."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import person, require
from aftercare.accounts.models import Customer, User
from aftercare.incidents.changes.access import get_change_for, own_row
from aftercare.incidents.changes.announcing import announce_change, cancel_change, move_window, postpone_change
from aftercare.incidents.changes.answering import answer_change, decline_wish
from aftercare.incidents.changes.drafting import add_customer, remove_customer
from aftercare.incidents.changes.forms import WindowForm
from aftercare.incidents.changes.judging import judge_suspect
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.changes.views import ACTS, shown
from aftercare.incidents.models import Answer, Change, Incident
from aftercare.incidents.status.maintenance import PublicWords, publish_maintenance, withdraw_maintenance
from aftercare.incidents.views.incident import deed as incident_deed
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

Deed = Callable[[HttpRequest, User, Change, datetime], object]


def deed(do: Deed) -> Callable[..., HttpResponse]:
    """A view out of a deed of ours: stranger 404, a colleague who may not 403, a refusal 409."""

    @login_required
    @require_POST
    def view(request: HttpRequest, ref: str) -> HttpResponse:
        user = person(request)
        change = get_change_for(user, ref)
        if not user.is_provider:
            raise Http404
        require(user, ACTS)
        try:
            do(request, user, change, utc_now())
        except Refused as refused:
            return shown(request, user, get_change_for(user, ref), error=refused.sentence, status=409)
        return redirect("incidents:change", ref)

    return view


def said(request: HttpRequest, name: str) -> str:
    """A text of the form."""
    return request.POST.get(name, "").replace("\x00", "")[:2000]


def version_of(request: HttpRequest) -> int | None:
    """The version that was read, where the form says it."""
    text = said(request, "version")
    return int(text) if text.isdecimal() and len(text) < 10 else None


@deed
def announce(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """Make it known."""
    return announce_change(
        change=change,
        late_reason=said(request, "late_reason"),
        freeze_reason=said(request, "freeze_reason"),
        version=version_of(request),
        actor=user,
        now=now,
    )


@deed
def move(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """Give it another window."""
    starts_at, ends_at = window_said(request, change.timezone)
    return move_window(
        change=change,
        starts_at=starts_at,
        ends_at=ends_at,
        late_reason=said(request, "late_reason"),
        freeze_reason=said(request, "freeze_reason"),
        version=version_of(request),
        actor=user,
        now=now,
    )


def window_said(request: HttpRequest, timezone: str) -> tuple[datetime, datetime]:
    """The window of the form, on the wall clock of this zone. Raises Refused."""
    form = WindowForm({"timezone": timezone, **{name: said(request, name) for name in ("local_from", "local_until")}})
    if not form.is_valid():
        raise Refused(_("Say when the window begins and when it ends."))
    return form.cleaned_data["starts_at"], form.cleaned_data["ends_at"]


@deed
def postpone(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """Take its window away."""
    return postpone_change(change=change, reason=said(request, "reason"), actor=user, now=now)


@deed
def cancel(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """It will not happen."""
    return cancel_change(change=change, reason=said(request, "reason"), actor=user, now=now)


@deed
def start(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """It begins."""
    return start_change(change=change, decision=said(request, "decision"), actor=user, now=now)


@deed
def end(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """It is done, or rolled back."""
    rolled_back = request.POST.get("result") == "rolled_back"
    return end_change(change=change, rolled_back=rolled_back, reason=said(request, "reason"), actor=user, now=now)


@deed
def public(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """It stands on the public status page in these words, or with `off` no more."""
    if "off" in request.POST:
        withdraw_maintenance(change=change, actor=user, now=now)
        return None
    words = PublicWords(*(request.POST.get(name, "") for name in ("title", "title_zh", "body", "body_zh")))
    return publish_maintenance(change=change, words=words, actor=user, now=now)


@deed
def touch(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """It touches a customer, too."""
    return add_customer(change=change, customer=customer_said(request), actor=user, now=now)


@deed
def let_go(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """It does not touch a customer."""
    return remove_customer(change=change, customer=customer_said(request), actor=user, now=now)


@deed
def decline(request: HttpRequest, user: User, change: Change, now: datetime) -> object:
    """The window stays as it is."""
    return decline_wish(
        change=change, customer=customer_said(request), reason=said(request, "reason"), actor=user, now=now
    )


def customer_said(request: HttpRequest) -> Customer:
    """The customer that the form names. Raises Refused."""
    found = Customer.objects.filter(ref=said(request, "customer")[:16]).first()
    if found is None:
        raise Refused(_("Choose a customer."))
    return found


@login_required
@require_POST
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """What the customer says to the window; ours write down what a customer told them otherwise."""
    user = person(request)
    change = get_change_for(user, ref)
    require(user, ACTS if user.is_provider else "reply_to_tickets")
    try:
        customer = customer_said(request) if user.is_provider else own_row(user, change).customer
        wish: tuple[datetime, datetime] | tuple[None, None] = (None, None)
        if said(request, "answer") == Answer.POSTPONE and (said(request, "local_from") or said(request, "local_until")):
            wish = window_said(request, change.timezone)
        window = said(request, "window")
        answer_change(
            change=change,
            customer=customer,
            answer=said(request, "answer"),
            window=int(window) if window.isdecimal() and len(window) < 10 else 0,
            reason=said(request, "reason"),
            wished_from=wish[0],
            wished_until=wish[1],
            by=user,
            now=utc_now(),
        )
    except Refused as refused:
        return shown(request, user, get_change_for(user, ref), error=refused.sentence, status=409)
    return redirect("incidents:change", ref)


@incident_deed(ACTS)
def judge(request: HttpRequest, user: User, incident: Incident, now: datetime) -> None:
    """It was this change, or not."""
    was_it = request.POST.get("was_it") == "1"
    judge_suspect(incident=incident, change_ref=said(request, "change")[:16], was_it=was_it, actor=user, now=now)
