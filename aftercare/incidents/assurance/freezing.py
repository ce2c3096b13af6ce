"""Which events freeze changes: asked by whoever plans one."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from aftercare.accounts.models import Customer
from aftercare.incidents.models import LIVE_STATES, Assurance
from aftercare.telemetry.models import Resource, ResourceServes
from aftercare.telemetry.queries.resource_map import read_map


def frozen_by(
    customers: Iterable[Customer], resources: Iterable[Resource], from_at: datetime, until: datetime
) -> list[Assurance]:
    """The assurances that freeze a change of these customers or resources in any part of this time, the first first.

    A resource is frozen where it, or what is part of it, serves an app of the event by the resource map.
    """
    parts = read_map().parts_of(one.pk for one in resources)
    served = ResourceServes.objects.filter(resource__in=parts).values_list("customer", "app")
    whole = [customer for customer, app in served if app is None]
    apps = [app for _customer, app in served if app is not None]
    touched = Q(customers__customer__in=[*(one.pk for one in customers), *whole]) | Q(apps__in=apps)
    return list(freezing_events(from_at, until).filter(touched).distinct())


def freezing_events(from_at: datetime, until: datetime) -> QuerySet[Assurance]:
    """The assurances that freeze changes in any part of this time, the first first."""
    freezing = Assurance.objects.filter(freezes=True, state__in=LIVE_STATES, starts_at__lt=until, ends_at__gt=from_at)
    return freezing.order_by("starts_at", "pk")
