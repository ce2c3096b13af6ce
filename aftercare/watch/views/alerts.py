"""The list of alerts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftercare.accounts.access import needs, person
from aftercare.accounts.models import User
from aftercare.watch.access import monitors_for
from aftercare.watch.models import Severity
from aftercare.watch.outside.access import sources_for
from aftercare.watch.queries import AlertFilter, list_alerts
from aftercare.watch.views.monitors import app_filter, severity_filter
from aftercare.watch.words import question
from aftercare.web.paging import page_of

PER_PAGE = 50


@needs("see_telemetry")
def alert_list(request: HttpRequest) -> HttpResponse:
    """The alerts that the reader may see, open ones first, then the newest."""
    user = person(request)
    wanted = filter_of(request)
    states = [("", _("all")), ("open", pgettext("alert", "open")), ("closed", pgettext("alert", "closed"))]
    context = {
        "page": page_of(list_alerts(user, wanted), request, per_page=PER_PAGE),
        "filters": [
            *rule_filter(user, wanted.monitor),
            *source_filter(user, wanted.source),
            *app_filter(user, wanted.app),
            {"name": "state", "label": _("State"), "value": wanted.state, "choices": states},
            severity_filter(wanted.severity),
        ],
        "search": {"name": "q", "label": _("Customer, app, metric or title"), "value": wanted.words},
        "is_filtered": wanted != AlertFilter(),
    }
    return render(request, "watch/alerts.html", context)


def rule_filter(user: User, ref: str) -> list[dict[str, Any]]:
    """The rule that the list was narrowed to, so that it can be left; there are too many to choose another."""
    rule = monitors_for(user).filter(ref=ref).first() if ref else None
    if rule is None:
        return []
    choices = [("", _("all")), (rule.ref, f"{question(rule)} · {rule.place}")]
    return [{"name": "monitor", "label": _("Rule"), "value": ref, "choices": choices}]


def source_filter(user: User, ref: str) -> list[dict[str, Any]]:
    """The source that the list was narrowed to, so that it can be left."""
    source = sources_for(user).filter(ref=ref).first() if ref else None
    if source is None:
        return []
    return [{"name": "source", "label": _("Source"), "value": ref, "choices": [("", _("all")), (ref, source.name)]}]


def filter_of(request: HttpRequest) -> AlertFilter:
    """What the address asks for; a state or severity that does not exist narrows nothing."""
    asked = request.GET
    state, severity = asked.get("state", ""), asked.get("severity", "")
    return AlertFilter(
        app=asked.get("app", "")[:16],
        monitor=asked.get("monitor", "").replace("\x00", "")[:16],
        source=asked.get("source", "").replace("\x00", "")[:16],
        state=state if state in ("open", "closed") else "",
        severity=severity if severity in Severity.values else "",
        words=asked.get("q", "").strip()[:100],
    )
