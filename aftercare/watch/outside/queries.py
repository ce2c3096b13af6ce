"""Sources as their pages show them."""

from django.db.models import CharField, Count, DateTimeField, OuterRef, Q, QuerySet, Subquery

from aftercare.accounts.access import Visitor
from aftercare.watch.models import Alert, AlertSource
from aftercare.watch.outside.access import sources_for
from aftercare.watch.outside.formats import FORMATS

NEWEST = 20


def list_sources(user: Visitor) -> QuerySet[AlertSource]:
    """The sources a person may see, working ones first, each with `open_count` and `last_title`, what it last told."""
    told = Alert.objects.filter(source=OuterRef("pk")).order_by("-last_seen_at", "-pk")
    refused = AlertSource.objects.filter(pk=OuterRef("pk")).order_by("-refusals__at")
    sources = sources_for(user).annotate(
        open_count=Count("alerts", filter=Q(alerts__closed_at=None)),
        last_title=Subquery(told.values("title")[:1], output_field=CharField()),
        refused_at=Subquery(refused.values("refusals__at")[:1], output_field=DateTimeField()),
    )
    return sources.order_by("revoked_at", "name", "pk")


def newest_alerts(source: AlertSource) -> QuerySet[Alert]:
    """What a source told last: the open alerts first, then the newest."""
    alerts = Alert.objects.filter(source=source).select_related("app", "customer")
    return alerts.order_by("closed_at", "-opened_at", "-pk")


def known_levels(source: AlertSource) -> list[tuple[str, str]]:
    """The kind's own table: levels and how loud they are, what is said of all others last."""
    return [*FORMATS[source.kind].levels.items(), ("*", "warning")]
