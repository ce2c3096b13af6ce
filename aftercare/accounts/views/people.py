"""People of both sides: inviting, roles, letting go and back in."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import get_customer_for, get_person_for, people_for, person, provider_only, signed_in
from aftercare.accounts.actions.people import (
    change_role,
    deactivate_person,
    invite_person,
    reactivate_person,
    renew_invitation,
    reset_factors,
)
from aftercare.accounts.forms import InvitationForm, RoleForm, StaffFilterForm
from aftercare.accounts.models import Customer, User
from aftercare.accounts.rules import can_manage_people_of, require_managing_people_of, role_choices
from aftercare.accounts.views.doors import stand_behind
from aftercare.accounts.views.filters import search_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of


@require_GET
@provider_only
def staff_list(request: HttpRequest) -> HttpResponse:
    """The provider's own people."""
    form = StaffFilterForm(request.GET)
    q = form.cleaned_data["q"] if form.is_valid() else ""
    staff = people_for(request.user).filter(customer__isnull=True).order_by("-is_active", "name", "pk")
    if q:
        staff = staff.filter(Q(name__icontains=q) | Q(email__icontains=q))
    context = {
        "page": page_of(staff, request),
        "search": search_of(form, "q"),
        "can_manage_people": can_manage_people_of(person(request), None),
    }
    return render(request, "accounts/staff_list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@provider_only
def staff_new(request: HttpRequest) -> HttpResponse:
    """Invite one of the provider's people."""
    return invite(request, None)


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def person_new(request: HttpRequest, ref: str) -> HttpResponse:
    """Invite one of a customer's people."""
    return invite(request, get_customer_for(request.user, ref))


def invite(request: HttpRequest, customer: Customer | None) -> HttpResponse:
    """The invitation form of one side; the link is shown in the answer, once, and never stored."""
    user = person(request)
    require_managing_people_of(user, customer)
    stand_behind(request, customer)
    form = InvitationForm(request.POST or None, roles=role_choices(customer))
    if request.method == "POST" and form.is_valid():
        try:
            invited = invite_person(customer=customer, actor=user, now=utc_now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return render(request, "accounts/invitation_made.html", {"invited": invited, "customer": customer})
    return render(request, "accounts/invitation_form.html", {"form": form, "customer": customer})


@require_http_methods(["GET", "POST"])
@signed_in
def person_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One person; whoever manages them may change the role here."""
    subject = get_person_for(request.user, ref)
    user = person(request)
    stand_behind(request, subject.customer)
    form = RoleForm(request.POST or None, roles=role_choices(subject.customer), initial={"role": subject.role})
    if request.method == "POST":
        require_managing_people_of(user, subject.customer)
        if form.is_valid():
            role = form.cleaned_data["role"]
            return answer(request, subject, lambda: change_role(user=subject, role=role, actor=user, now=utc_now()))
    context = {
        "subject": subject,
        "form": form,
        "can_manage_people": can_manage_people_of(user, subject.customer) and subject.pk != user.pk,
        "has_factors": is_mfa_enabled(subject),
    }
    return render(request, "accounts/person_page.html", context)


@require_POST
@signed_in
def deactivation(request: HttpRequest, ref: str) -> HttpResponse:
    """End a person's access."""
    subject, user = managed(request, ref)
    return answer(request, subject, lambda: deactivate_person(user=subject, actor=user, now=utc_now()))


@require_POST
@signed_in
def reactivation(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a person in again."""
    subject, user = managed(request, ref)
    return answer(request, subject, lambda: reactivate_person(user=subject, actor=user, now=utc_now()))


@require_POST
@signed_in
def factor_reset(request: HttpRequest, ref: str) -> HttpResponse:
    """Take away a person's second factors, who lost them."""
    subject, user = managed(request, ref)
    return answer(request, subject, lambda: reset_factors(user=subject, actor=user, now=utc_now()))


@require_POST
@never_cache
@signed_in
def new_link(request: HttpRequest, ref: str) -> HttpResponse:
    """A fresh link to set a password, shown in the answer, once."""
    subject, user = managed(request, ref)
    stand_behind(request, subject.customer)
    try:
        invited = renew_invitation(user=subject, actor=user, now=utc_now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("accounts:person", subject.ref)
    return render(request, "accounts/invitation_made.html", {"invited": invited, "customer": subject.customer})


def managed(request: HttpRequest, ref: str) -> tuple[User, User]:
    """The person of the address and the one who manages them; 404 for strangers, 403 without the right."""
    subject = get_person_for(request.user, ref)
    require_managing_people_of(person(request), subject.customer)
    return subject, person(request)


def answer(request: HttpRequest, subject: User, act: Callable[[], object]) -> HttpResponse:
    """Do it, say how it went, go back to the person's page."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Saved."))
    return redirect("accounts:person", subject.ref)
