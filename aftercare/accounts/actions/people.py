"""Inviting people, giving them roles, letting them go."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from aftercare.accounts.actions.customers import apply
from aftercare.accounts.events import PersonDeactivated, PersonInvited
from aftercare.accounts.models import CUSTOMER_ROLES, PROVIDER_ROLES, Customer, Invitation, Role, User
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.kernel.signing import fingerprint

INVITATION_LASTS = timedelta(days=7)
LAST_ROLES = (Role.ADMIN, Role.OWNER)


@dataclass(frozen=True)
class Invited:
    """A person and the link that lets them in: the only time anybody sees it."""

    user: User
    link: str
    expires_at: datetime


@dataclass(frozen=True)
class ProfileFacts:
    """What people set about themselves."""

    name: str
    phone: str
    language: str
    timezone: str
    theme: str


def invite_person(
    *,
    customer: Customer | None,
    email: str,
    name: str,
    role: str,
    actor: User | None,
    now: datetime,
    language: str = "",
) -> Invited:
    """Make a person of a customer (or of the provider's staff, without one) and a link to set the first password.

    Raises Refused when the address is taken or the role belongs to the other side.
    """
    require_fitting_role(customer, role)
    with transaction.atomic():
        if User.objects.filter(email=email.strip().lower()).exists():
            raise Refused(_("Somebody with this e-mail address is here already."))
        user = User.objects.create_user(email, None, name=name, customer=customer, role=role, language=language)
        record(
            actor=actor,
            action="person.invite",
            subject=user.ref,
            customer_id=user.customer_id,
            detail={"name": name, "role": role},
            now=now,
        )
        return _new_link(user, actor=actor, now=now)


def renew_invitation(*, user: User, actor: User | None, now: datetime) -> Invited:
    """Make a fresh link to set a password; earlier links stop working. Raises Refused for an inactive person."""
    if not user.is_active:
        raise Refused(_("This person is deactivated. Reactivate them first."))
    with transaction.atomic():
        record(actor=actor, action="person.link", subject=user.ref, customer_id=user.customer_id, detail={}, now=now)
        return _new_link(user, actor=actor, now=now)


def accept_invitation(*, token: str, password: str, now: datetime) -> User:
    """Set the password of the person this link was made for, once. Raises Refused when the link is not good."""
    with transaction.atomic():
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(fingerprint=fingerprint(token), used_at__isnull=True, expires_at__gt=now, user__is_active=True)
            .first()
        )
        if invitation is None:
            raise Refused(_("This link was used already or is too old. Ask whoever invited you for a new one."))
        user = invitation.user
        user.set_password(password)
        user.save(update_fields=["password"])
        invitation.used_at = now
        invitation.save(update_fields=["used_at"])
        record(actor=user, action="person.join", subject=user.ref, customer_id=user.customer_id, detail={}, now=now)
    return user


def change_role(*, user: User, role: str, actor: User, now: datetime) -> User:
    """Give a person another role of their own side.

    Raises Refused for oneself, for a role of the other side and for the last owner or administrator.
    """
    require_fitting_role(user.customer, role)
    with transaction.atomic():
        locked = _lock_peers(user)
        if locked.role == role:
            return locked
        _require_somebody_else(locked, actor)
        _require_not_last(locked)
        before, locked.role = locked.role, role
        locked.save(update_fields=["role"])
        record(
            actor=actor,
            action="person.role",
            subject=locked.ref,
            customer_id=locked.customer_id,
            detail={"role": [before, role]},
            now=now,
        )
    return locked


def deactivate_person(*, user: User, actor: User, now: datetime) -> User:
    """End a person's access at once: their sessions and links stop working.

    Raises Refused for oneself and for the last owner or administrator.
    """
    with transaction.atomic():
        locked = _lock_peers(user)
        if not locked.is_active:
            return locked
        _require_somebody_else(locked, actor)
        _require_not_last(locked)
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        locked.invitations.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
        record(
            actor=actor,
            action="person.deactivate",
            subject=locked.ref,
            customer_id=locked.customer_id,
            detail={},
            now=now,
        )
        publish(PersonDeactivated(locked.pk, now))
    return locked


def reactivate_person(*, user: User, actor: User, now: datetime) -> User:
    """Let a person sign in again, with the password they had."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if locked.is_active:
            return locked
        locked.is_active = True
        locked.save(update_fields=["is_active"])
        record(
            actor=actor,
            action="person.reactivate",
            subject=locked.ref,
            customer_id=locked.customer_id,
            detail={},
            now=now,
        )
    return locked


def reset_factors(*, user: User, actor: User, now: datetime) -> int:
    """Take away a person's second factors and passkeys, for somebody who lost the phone; returns how many there were.

    Raises Refused for oneself: who is signed in removes their own on the security page.
    """
    _require_somebody_else(user, actor)
    with transaction.atomic():
        count: int = Authenticator.objects.filter(user=user).delete()[0]
        record(
            actor=actor,
            action="person.factor_remove",
            subject=user.ref,
            customer_id=user.customer_id,
            detail={"count": count},
            now=now,
        )
    return count


def edit_profile(*, user: User, facts: ProfileFacts, now: datetime) -> User:
    """Change what a person set about themselves; the audit keeps the fields' names, not their values."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        changes = apply(locked, vars(facts))
        if changes:
            locked.save(update_fields=list(changes))
            record(
                actor=user,
                action="person.edit",
                subject=locked.ref,
                customer_id=locked.customer_id,
                detail={"fields": sorted(changes)},
                now=now,
            )
    return locked


def require_fitting_role(customer: Customer | None, role: str) -> None:
    """Raise Refused unless the role is one of this side."""
    if role not in (PROVIDER_ROLES if customer is None else CUSTOMER_ROLES):
        raise Refused(_("This role does not exist on this side."))


def _new_link(user: User, *, actor: User | None, now: datetime) -> Invited:
    token = secrets.token_urlsafe(32)
    user.invitations.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    invitation = Invitation.objects.create(
        user=user,
        invited_by=actor,
        fingerprint=fingerprint(token),
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    link = settings.BASE_URL + reverse("accounts:invitation", args=[token])
    publish(PersonInvited(user.pk, link, invitation.expires_at, now))
    return Invited(user, link, invitation.expires_at)


def _lock_peers(user: User) -> User:
    """The person, with everybody of the same side locked, so that two owners cannot remove each other at once."""
    peers = _people_of_side(user).select_for_update(of=("self",)).order_by("pk")
    return next(peer for peer in peers if peer.pk == user.pk)


def _people_of_side(user: User) -> QuerySet[User]:
    if user.customer_id is None:
        return User.objects.filter(customer__isnull=True)
    return User.objects.filter(customer_id=user.customer_id)


def _require_somebody_else(user: User, actor: User) -> None:
    if user.pk == actor.pk:
        raise Refused(_("You cannot do this to yourself. Ask another person with your role."))


def _require_not_last(user: User) -> None:
    peers = _people_of_side(user).filter(role=user.role, is_active=True).exclude(pk=user.pk)
    if user.role in LAST_ROLES and user.is_active and not peers.exists():
        raise Refused(_("This is the last person with this role. Give it to somebody else first."))
