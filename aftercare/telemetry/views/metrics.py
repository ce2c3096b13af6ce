"""The metric catalog as documentation: what every figure means and where its definition comes from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import needs
from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS


@needs("see_telemetry")
def metric_catalog(request: HttpRequest) -> HttpResponse:
    """Every metric, found by a word in its name, key or formula."""
    text = request.GET.get("q", "").strip().lower()
    found = [
        metric
        for metric in METRICS.values()
        if text in f"{metric.key} {metric.name} {metric.name_zh} {metric.formula}".lower()
    ]
    rows = [
        {"metric": metric, "unit": words.unit_of(metric), "direction": words.DIRECTIONS[metric.direction]}
        for metric in found
    ]
    return render(request, "telemetry/metrics.html", {"rows": rows, "search": text, "total": len(METRICS)})
