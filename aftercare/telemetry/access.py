"""Which of telemetry's things exist for whom."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from aftercare.accounts.access import Visitor, apps_for, customers_for, get_app_for
from aftercare.accounts.models import App, User
from aftercare.telemetry.models import Resource, ScrapeTarget, UserDataJob
from aftercare.telemetry.queries import SessionSummary, Timeline, session_summary, session_timeline


def get_session_for(
    user: Visitor, app_ref: str, session: str, *, now: datetime
) -> tuple[App, Timeline | SessionSummary]:
    """An app and one of its sessions, in sums alone where its reports have expired; Http404 when either does not exist
    for this person.
    """
    app = get_app_for(user, app_ref)
    found = session_timeline(app, session, now=now) or session_summary(app, session, now=now)
    if found is None:
        raise Http404
    return app, found


def resources_for(user: Visitor) -> QuerySet[Resource]:
    """The provider's resources: they exist for its staff alone."""
    is_staff = isinstance(user, User) and user.is_active and user.is_provider
    return Resource.objects.select_related("parent") if is_staff else Resource.objects.none()


def get_resource_for(user: Visitor, ref: str) -> Resource:
    """The resource with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(resources_for(user), ref=ref)


def get_export_for(user: Visitor, ref: str) -> UserDataJob:
    """The finished export of the data request with this ref; Http404 when it does not exist for this person."""
    jobs = UserDataJob.objects.filter(request__customer__in=customers_for(user), request__kind="export")
    return get_object_or_404(jobs.select_related("request"), request__ref=ref, finished_at__isnull=False)


def scrape_targets_for(user: Visitor) -> QuerySet[ScrapeTarget]:
    """The scrape targets that exist for this person: of their apps, and for staff of the provider's resources."""
    theirs = Q(app__in=apps_for(user)) | Q(resource__in=resources_for(user))
    return ScrapeTarget.objects.filter(theirs).select_related("app__customer", "resource")


def get_scrape_target_for(user: Visitor, ref: str) -> ScrapeTarget:
    """The scrape target with this ref; Http404 when it does not exist for this person."""
    return get_object_or_404(scrape_targets_for(user), ref=ref)
