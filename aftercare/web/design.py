"""The style guide: every component in every state, for people and for screenshots."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.kernel.clock import utc_now
from aftercare.web.paging import page_of

POINTS, STEP_S = 120, 30


class SampleForm(forms.Form):
    """A form with each kind of field."""

    name = forms.CharField(
        label=gettext_lazy("Company name"), help_text=gettext_lazy("As it should appear in reports.")
    )
    rank = forms.ChoiceField(label=gettext_lazy("Rank"), choices=[("key", "KA"), ("ordinary", "—")])
    note = forms.CharField(
        label=gettext_lazy("Internal note"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    agreed = forms.BooleanField(label=gettext_lazy("Tell the customer too"), required=False)


@login_required
def design(request: HttpRequest) -> HttpResponse:
    """The page /design, for the provider's staff; it does not exist for a customer's people."""
    if not getattr(request.user, "is_provider", True):
        raise Http404
    return render(request, "web/design.html", sample(request, utc_now()))


def sample(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Made-up values for everything the page shows."""
    wave = [98.6 - 0.6 * math.sin(i / 9) - (6.5 if 74 <= i <= 88 else 0) for i in range(POINTS)]
    gappy: list[float | None] = [None if 40 <= i <= 52 else v for i, v in enumerate(wave)]
    start = int(now.timestamp()) // STEP_S * STEP_S - POINTS * STEP_S
    times = [start + i * STEP_S for i in range(POINTS)]
    volume = [None if v is None else 12000 + int(3000 * math.sin(i / 14)) for i, v in enumerate(gappy)]
    return {
        "now": now,
        "ago": [now - timedelta(seconds=s) for s in (2, 48, 260, 9200, 200_000)],
        "ahead": now + timedelta(minutes=42),
        "old": datetime(2024, 12, 31, 15, 59, tzinfo=UTC),
        "clocks": [(now + timedelta(seconds=s), now - timedelta(hours=1)) for s in (3000, 1500, 400, -190)],
        "due_soon": now + timedelta(minutes=12),
        "states": ["healthy", "warning", "breached", "unknown", "maintenance", "resolved", "neutral"],
        "severities": ["red", "warning", "P1", "P2", "P3", "P4"],
        "spark": wave[::4],
        "spark_gap": gappy[::4],
        "spark_none": [None, None],
        "rows": sample_rows(now, wave, gappy),
        "page": page_of(range(1, 331), request, per_page=20),
        "tab_items": [
            {"label": _("Being handled"), "url": "#", "is_current": True, "count": 12},
            {"label": _("Waiting for the customer"), "url": "#", "count": 3},
            {"label": _("Closed"), "url": "#"},
        ],
        "filters": sample_filters(),
        "search": {"name": "q", "label": _("Number, title or customer"), "value": ""},
        "form": SampleForm({"name": "", "rank": "key", "email": "chen.jing"}),
        "chart_one": {
            "unit": "%",
            "digits": 2,
            "noun": _("joins"),
            "times": times,
            "series": [{"label": _("Join success rate"), "values": gappy, "volume": volume}],
            "thresholds": [
                {"value": 98, "label": _("Warning 98%"), "severity": "warning"},
                {"value": 95, "label": _("Red line 95%"), "severity": "red"},
            ],
            "marks": [{"at": times[72], "label": _("Release 4.12"), "kind": "release", "url": "#"}],
        },
        "chart_many": {
            "unit": "ms",
            "digits": 0,
            "times": times,
            "series": [
                {"label": name, "values": [base + 30 * math.sin(i / k) for i in range(POINTS)]}
                for name, base, k in (("上海", 80, 7), ("广州", 120, 9), ("成都", 170, 11), ("Singapore", 240, 5))
            ],
        },
        "chart_none": {"unit": "%", "times": times, "series": [{"label": "—", "values": [None] * POINTS}]},
    }


def sample_rows(now: datetime, wave: list[float], gappy: list[float | None]) -> list[dict[str, Any]]:
    """A table's rows, one of them unknown and one too thin for a verdict."""
    return [
        {
            "name": "上海 · 电信",
            "state": "breached",
            "value": 91.42,
            "volume": 48_210,
            "series": wave[::4],
            "at": now - timedelta(minutes=4),
        },
        {
            "name": "广州 · 移动",
            "state": "warning",
            "value": 97.6,
            "volume": 12_904,
            "series": gappy[::4],
            "at": now - timedelta(hours=2),
        },
        {
            "name": "成都 · 联通",
            "state": "healthy",
            "value": 99.13,
            "volume": 9_377,
            "series": wave[:70:4],
            "at": now - timedelta(hours=5),
        },
        {
            "name": "Singapore · Singtel",
            "state": "neutral",
            "value": 83.3,
            "volume": 6,
            "series": wave[:30:4],
            "at": now - timedelta(days=1),
        },
        {"name": "Jakarta · Telkomsel", "state": "unknown", "value": None, "volume": None, "series": [], "at": None},
    ]


def sample_filters() -> list[dict[str, Any]]:
    """Two filters of a list."""
    everything = ("", _("All"))
    return [
        {"name": "severity", "label": _("Severity"), "value": "", "choices": [everything, ("P1", "P1"), ("P2", "P2")]},
        {
            "name": "region",
            "label": _("Region"),
            "value": "sh",
            "choices": [everything, ("sh", "上海"), ("gz", "广州")],
        },
    ]
