"""Saying who takes what, and who knows which customer."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aftercare.accounts.access import can, customers_for, people_for, person
from aftercare.accounts.models import Rank, Scenario, User
from aftercare.accounts.queries.people import list_staff_with
from aftercare.desk.actions.agents import remove_agent, save_agent, set_expert
from aftercare.desk.actions.claiming import claim_next
from aftercare.desk.models import AgentProfile, CustomerExpert, ExpertPlace, Tier
from aftercare.desk.routing.people import agents_now
from aftercare.desk.views.places import places
from aftercare.desk.views.staff import allow, staff_page, staff_write, told, whole_number
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall.access import get_schedule_for
from aftercare.oncall.actions import set_customer_schedule
from aftercare.oncall.models import Schedule
from aftercare.oncall.queries import schedules_of_customers

MANAGE = "manage_oncall"  # whoever plans who is on duty


@staff_page()
def routing(request: HttpRequest) -> HttpResponse:
    """Everybody who answers tickets with what they take and how they are now; named experts of customers."""
    user = person(request)
    now = {agent.user: agent for agent in agents_now()}
    profiles = {profile.user_id: profile for profile in AgentProfile.objects.all()}
    staff = list_staff_with("reply_to_tickets").order_by("name", "pk")
    experts = {(one.customer_id, one.place): one.user_id for one in CustomerExpert.objects.all()}
    own = schedules_of_customers()
    customers = customers_for(user).filter(Q(rank=Rank.KEY) | Q(pk__in=own))
    return render(
        request,
        "desk/routing.html",
        {
            "places": places("routing"),
            "people": [{"user": one, "profile": profiles.get(one.pk), "now": now.get(one.pk)} for one in staff],
            "customers": [
                {
                    "customer": one,
                    "chosen": {place: experts.get((one.pk, place)) for place in ExpertPlace.values},
                    "schedule": own.get(one.pk),
                }
                for one in customers
            ],
            "schedules": list(Schedule.objects.all()),
            "staff": staff,
            "expert_places": ExpertPlace.choices,
            "tiers": Tier.choices,
            "languages": [("zh-hans", _("Chinese")), ("en", _("English"))],
            "scenarios": Scenario.choices,
            "may_manage": can(user, MANAGE),
        },
    )


@staff_write("desk:routing", MANAGE)
def agent(request: HttpRequest, user: User, now: datetime, ref: str) -> None:
    """What one person takes; `routed` off takes their profile away."""
    colleague = get_object_or_404(people_for(user), ref=ref, customer__isnull=True)
    if told(request, "routed") != "on":
        remove_agent(user=colleague, actor=user, now=now)
        return
    save_agent(
        user=colleague,
        languages=request.POST.getlist("languages"),
        skills=told(request, "skills").replace("，", ",").split(","),
        scenarios=request.POST.getlist("scenarios"),
        tiers=[whole_number(tier) for tier in request.POST.getlist("tiers")],
        capacity=whole_number(told(request, "capacity")),
        actor=user,
        now=now,
    )
    messages.success(request, _("Saved."))


@staff_write("desk:routing", MANAGE)
def expert(request: HttpRequest, user: User, now: datetime, ref: str) -> None:
    """A customer's expert and deputy, and whose turn its pages begin with."""
    customer = get_object_or_404(customers_for(user), ref=ref)
    for place in ExpertPlace.values:
        chosen = told(request, place)
        colleague = people_for(user).filter(ref=chosen, customer__isnull=True).first() if chosen else None
        if chosen and colleague is None:
            raise Refused(_("Choose a colleague who can still sign in."))
        set_expert(customer=customer, place=place, user=colleague, actor=user, now=now)
    if "schedule" in request.POST:
        chosen = told(request, "schedule")
        schedule = get_schedule_for(user, chosen) if chosen else None
        set_customer_schedule(customer=customer, schedule=schedule, actor=user, now=now)
    messages.success(request, _("Saved."))


@login_required
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim the longest waiting ticket that fits, and go there."""
    user = person(request)
    allow(user, "reply_to_tickets")
    ticket = claim_next(user=user, now=utc_now())
    if ticket is None:
        messages.info(request, _("Nothing that fits you waits."))
        return redirect("desk:inbox")
    return redirect("desk:ticket", ticket.ref)
