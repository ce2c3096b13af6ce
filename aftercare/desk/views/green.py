"""The green channel for a customer's people: a page for one bar of signal, what became of the call, and an API call."""

import json
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import apps_for, can, customers_for, get_customer_for, person, provider_only, require
from aftercare.accounts.models import User
from aftercare.desk.access import get_ticket_for
from aftercare.desk.actions import downgrade_emergency
from aftercare.desk.actions.emergency_rules import running_emergency
from aftercare.desk.calling import call_for_caller, call_green, emergency_of
from aftercare.desk.emergency_facts import EmergencyView, count_calls
from aftercare.desk.models import Emergency, Severity, Way
from aftercare.desk.views.ticket import ticket_context
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall import actions as oncall


@login_required
@require_http_methods(["GET", "POST"])
def green(request: HttpRequest) -> HttpResponse:
    """One sentence and one button, for everybody of a customer's, whatever their role and plan; POST wakes."""
    user = person(request)
    if user.customer is None:
        return green_for_caller(request, user)
    if request.method == "POST":
        asked = request.POST
        emergency = call_green(
            user,
            sentence=asked.get("sentence", ""),
            app=asked.get("app", ""),
            token=asked.get("token", ""),
            way=Way.GREEN,
            now=utc_now(),
        )
        return redirect("desk:green_call", emergency.ticket.ref)
    running = running_emergency(user.customer, utc_now())
    context = {"apps": apps_for(user), "token": uuid4().hex, "running": running}
    return uncached(render(request, "desk/green.html", context))


def green_for_caller(request: HttpRequest, user: User) -> HttpResponse:
    """The same for a colleague with a customer on the phone: whose emergency, who calls, one sentence."""
    require(user, "reply_to_tickets")
    asked = request.POST if request.method == "POST" else request.GET
    customer = customers_for(user).filter(ref=asked.get("customer", "").replace("\x00", "")).first()
    if request.method == "POST" and customer is not None:
        emergency = call_for_caller(
            user,
            customer=customer,
            caller=asked.get("caller", ""),
            sentence=asked.get("sentence", ""),
            token=asked.get("token", ""),
            now=utc_now(),
        )
        return redirect("desk:green_call", emergency.ticket.ref)
    context = {
        "customers": customers_for(user),
        "chosen": customer,
        "token": uuid4().hex,
        "running": running_emergency(customer, utc_now()) if customer else None,
        "sentence": asked.get("sentence", ""),
        "caller": asked.get("caller", ""),
        "is_refused": request.method == "POST",
    }
    answer = render(request, "desk/green_for.html", context, status=400 if request.method == "POST" else 200)
    return uncached(answer)


@login_required
@require_GET
def green_call(request: HttpRequest, ref: str) -> HttpResponse:
    """What became of the call: who is being woken, by what, who has it. It loads itself again every five seconds."""
    view = looked_at(person(request), ref)
    response = render(request, "desk/green_call.html", {"view": view, "ticket": view.ticket})
    return uncached(response)


@login_required
@require_GET
def emergency_part(request: HttpRequest, ref: str) -> HttpResponse:
    """The same inside the ticket's page."""
    user = person(request)
    view = looked_at(user, ref)
    context = {"view": view, "ticket": view.ticket, "may_downgrade": may_downgrade(user, view)}
    return render(request, "desk/_emergency.html", context | {"severities": Severity.choices[1:]})


def looked_at(user: User, ref: str) -> EmergencyView:
    """The emergency before somebody's eyes; a colleague has thereby seen it, which a program's call never tells."""
    now = utc_now()
    if user.is_provider:
        oncall.note_subject_seen(subject_ref=get_ticket_for(user, ref).ref, user=user, now=now)
    return emergency_of(user, ref, now)


def may_downgrade(user: User, view: EmergencyView) -> bool:
    """Whether this reader may grade it down: whoever is woken by it."""
    return user.is_provider and not view.is_over and can(user, "acknowledge_pages")


@login_required
@require_POST
def downgrade(request: HttpRequest, ref: str) -> HttpResponse:
    """Grade it down with a reason; the provider's engineers alone."""
    user = person(request)
    view = emergency_of(user, ref, utc_now())
    if not user.is_provider:
        raise Http404
    require(user, "acknowledge_pages")
    severity, reason = request.POST.get("severity", ""), request.POST.get("reason", "")
    try:
        downgrade_emergency(ticket=view.ticket, severity=severity, reason=reason, actor=user, now=utc_now())
    except Refused as refused:
        context = ticket_context(user, view.ticket, error=refused.sentence)
        return render(request, "desk/ticket.html", context, status=409)
    return redirect(reverse("desk:ticket", args=[ref]) + "#latest")


@provider_only
@require_GET
def customer_calls(request: HttpRequest, ref: str) -> HttpResponse:
    """How often this customer calls, for its page; misuse is seen, never stopped."""
    customer = get_customer_for(request.user, ref)
    recent = Emergency.objects.filter(customer=customer).select_related("ticket", "answered_by")[:10]
    may_call = can(request.user, "reply_to_tickets")
    context = {"customer": customer, "counts": count_calls(customer, utc_now()), "recent": recent, "may_call": may_call}
    return render(request, "desk/_customer_calls.html", context)


@require_POST
def green_api(request: HttpRequest) -> JsonResponse:
    """`{"sentence": …, "app": ref, "token": …}`, all optional: raises the emergency and says who is being woken."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return JsonResponse({"error": "Sign in first."}, status=401)
    if user.customer is None:
        return JsonResponse({"error": "The green channel is called by a customer's people."}, status=404)
    asked = body_of(request)
    emergency = call_green(user, **asked, way=Way.API, now=utc_now())
    view = emergency_of(user, emergency.ticket.ref, utc_now())
    return JsonResponse(
        {
            "ticket": view.ticket.ref,
            "number": view.ticket.number,
            "url": reverse("desk:green_call", args=[view.ticket.ref]),
            "nobody_on_call": emergency.is_unattended,
            "woken": [
                {"name": one.name, "channel": one.channel, "outcome": one.outcome, "at": one.at.isoformat()}
                for one in view.woken
            ],
            "acknowledged_by": view.holder.name if view.holder else None,
        },
        status=201,
    )


def body_of(request: HttpRequest) -> dict[str, str]:
    """The three texts of a JSON body or a form; what cannot be read is as if it were not there: nobody waits for it."""
    said: Any = request.POST
    if request.content_type == "application/json":
        try:
            said = json.loads(request.body)
        except ValueError:
            said = {}
    said = said if hasattr(said, "get") else {}
    return {name: text_of(said.get(name)) for name in ("sentence", "app", "token")}


def text_of(value: Any) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


def uncached(response: HttpResponse) -> HttpResponse:
    """Nobody keeps it."""
    response.headers["Cache-Control"] = "no-store"
    return response
