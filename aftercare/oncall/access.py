"""Pages are the provider's: for customers' people they do not exist."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from aftercare.accounts.models import User
from aftercare.kernel.signing import fingerprint
from aftercare.oncall.models import Change, EscalationPolicy, Feed, Handover, Page, PolicyRule, Room, Schedule, Swap

Visitor = User | AnonymousUser


def require_staff(user: Visitor) -> None:
    """Raise Http404 unless this is one of the provider's staff."""
    if not isinstance(user, User) or not user.is_active or not user.is_provider:
        raise Http404


def pages_for(user: Visitor) -> QuerySet[Page]:
    """The pages that exist for this person."""
    require_staff(user)
    return Page.objects.select_related("acknowledged_by", "customer")


def get_page_for(user: Visitor, ref: str) -> Page:
    """The page with this ref; Http404 for customers' people."""
    return get_object_or_404(pages_for(user), ref=ref)


def get_schedule_for(user: Visitor, ref: str) -> Schedule:
    """The schedule with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Schedule, ref=ref)


def get_change_for(user: Visitor, ref: str) -> Change:
    """The change of a schedule with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Change.objects.select_related("schedule", "user", "replaced"), ref=ref)


def get_swap_for(user: Visitor, ref: str) -> Swap:
    """The swap with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Swap.objects.select_related("schedule", "asked_by", "taken_by"), ref=ref)


def feeds_for(user: User) -> QuerySet[Feed]:
    """One's own calendar addresses."""
    require_staff(user)
    return Feed.objects.filter(owner=user).select_related("owner", "schedule")


def get_feed_by(secret: str) -> Feed:
    """The calendar that this address is of; Http404 when it was taken back, or whose owner is none of the staff now."""
    feed = Feed.objects.filter(digest=fingerprint(secret)).select_related("owner", "schedule").first()
    if feed is None:
        raise Http404
    require_staff(feed.owner)
    return feed


def get_handover_for(user: Visitor, ref: str) -> Handover:
    """The hand-over with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Handover.objects.select_related("schedule", "edited_by"), ref=ref)


def get_policy_for(user: Visitor, ref: str) -> EscalationPolicy:
    """The escalation policy with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(EscalationPolicy, ref=ref)


def get_rule_for(user: Visitor, ref: str) -> PolicyRule:
    """The rule with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(PolicyRule.objects.select_related("customer", "policy"), ref=ref)


def get_room_for(user: Visitor, ref: str) -> Room:
    """The room with this ref; Http404 for customers' people."""
    require_staff(user)
    return get_object_or_404(Room.objects.select_related("account"), ref=ref)
