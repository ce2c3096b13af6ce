"""What people do about an assurance, from its page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, person, require
from aftercare.accounts.models import User
from aftercare.incidents.assurance import checklist, closing, duty, log, planning, switching, tightening
from aftercare.incidents.assurance.access import get_assurance_for
from aftercare.incidents.assurance.forms import DutyForm, ItemForm, RulesForm, whose
from aftercare.incidents.assurance.views import page_context
from aftercare.incidents.models import Assurance
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused

Deed = Callable[[HttpRequest, User, Assurance, datetime], str | None]


def deed(*, by_customers: bool = False) -> Callable[[Deed], Callable[..., HttpResponse]]:
    """A view out of a deed: stranger 404, others without the capability 403, a refusal 409 on the page.

    The deed returns the name of the page that comes next, None for the assurance's own.
    """

    def make(do: Deed) -> Callable[..., HttpResponse]:
        @login_required
        @require_POST
        def view(request: HttpRequest, ref: str) -> HttpResponse:
            user = person(request)
            assurance = get_assurance_for(user, ref)
            if user.is_provider:
                require(user, "act_on_incidents")
            elif not by_customers:
                raise Http404
            elif not can(user, "open_tickets"):
                raise PermissionDenied
            try:
                after = do(request, user, assurance, utc_now())
            except Refused as refused:
                context = {**page_context(user, get_assurance_for(user, ref)), "error": refused.sentence}
                return render(request, "incidents/assurance/assurance.html", context, status=409)
            return redirect(f"incidents:{after or 'assurance'}", ref)

        return view

    return make


def number_of(request: HttpRequest, name: str) -> int:
    """A row's number; 0, which none has, where it is none."""
    said = request.POST.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def valid(form: Any) -> Any:
    """The form. Raises Refused with its first sentence."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise Refused(f"{label}: {errors[0]}" if label else str(errors[0]))
    return form


@deed()
def ready(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """Everything is done, or not after all."""
    planning.say_ready(assurance=assurance, is_ready=request.POST.get("ready") == "1", actor=user, now=now)


@deed()
def cancellation(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """It does not take place."""
    planning.call_off(assurance=assurance, actor=user, now=now)


@deed()
def ending(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """It is over before its time."""
    switching.end_now(assurance=assurance, actor=user, now=now)


@deed()
def rehearsal(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """How it went."""
    planning.note_rehearsal(assurance=assurance, result=request.POST.get("text", ""), actor=user, now=now)


@deed()
def items(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """Something more to be done."""
    form = valid(ItemForm(request.POST))
    checklist.add_item(assurance=assurance, **form.facts(assurance.zone), actor=user, now=now)


@deed(by_customers=True)
def item_done(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """It is done."""
    note = request.POST.get("note", "")
    checklist.finish_item(assurance=assurance, item_id=number_of(request, "item"), note=note, actor=user, now=now)


@deed()
def item_open(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """It was not done after all."""
    checklist.open_item(assurance=assurance, item_id=number_of(request, "item"), actor=user, now=now)


@deed()
def item_owner(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """Somebody else does it."""
    owner, customer = whose(request.POST.get("whose", ""))
    item = number_of(request, "item")
    checklist.give_item(assurance=assurance, item_id=item, owner=owner, customer=customer, actor=user, now=now)


@deed()
def rules(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """Tighter rules."""
    form = valid(RulesForm(request.POST, assurance=assurance))
    chosen = list(form.cleaned_data["monitors"])
    tightening.add_rules(assurance=assurance, monitors=chosen, how=form.how(), actor=user, now=now)


@deed()
def rule_removal(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """The usual one is enough."""
    tightening.remove_rule(assurance=assurance, rule_id=number_of(request, "rule"), actor=user, now=now)


@deed()
def duty_joins(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """Somebody is on duty for it."""
    said = valid(DutyForm(request.POST)).cleaned_data
    duty.add_duty(assurance=assurance, schedule=said["schedule"], user=said["user"], actor=user, now=now)


@deed()
def duty_removal(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> None:
    """Somebody is not, after all."""
    duty.remove_duty(assurance=assurance, duty_id=number_of(request, "duty"), actor=user, now=now)


@deed()
def decisions(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> str | None:
    """A line of the log; from the board back to the board."""
    log.write_decision(
        assurance=assurance,
        text=request.POST.get("text", ""),
        for_customers=request.POST.get("for_customers") == "1",
        actor=user,
        now=now,
    )
    return "assurance_board" if request.POST.get("from") == "board" else None


@deed()
def lessons(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> str | None:
    """What to keep."""
    closing.write_lessons(assurance=assurance, text=request.POST.get("text", ""), actor=user, now=now)
    return "assurance_summary"


@deed()
def publication(request: HttpRequest, user: User, assurance: Assurance, now: datetime) -> str | None:
    """Customers read the summary, or no longer."""
    is_published = request.POST.get("published") == "1"
    closing.publish_summary(assurance=assurance, is_published=is_published, actor=user, now=now)
    return "assurance_summary"
