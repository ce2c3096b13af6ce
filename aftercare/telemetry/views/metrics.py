"""The metric catalog as documentation: what every figure means and where its definition comes from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aftercare.accounts.access import needs
from aftercare.telemetry import words
from aftercare.telemetry.schema.catalog import METRICS, Metric
from aftercare.telemetry.schema.monthly import MONTHLY, MonthlyFigure


@needs("see_telemetry")
def metric_catalog(request: HttpRequest) -> HttpResponse:
    """Every metric and every figure of bills, found by a word in its name, key or formula."""
    text = request.GET.get("q", "").strip().lower()
    rows = [
        {"metric": metric, "unit": words.unit_of(metric), "direction": words.DIRECTIONS[metric.direction]}
        for metric in METRICS.values()
        if is_found(metric, text)
    ]
    bills = [figure for figure in MONTHLY if is_found(figure, text)]
    return render(request, "telemetry/metrics.html", {"rows": rows, "bills": bills, "search": text})


def is_found(figure: Metric | MonthlyFigure, text: str) -> bool:
    """Whether the name, in either language, the key or the formula has this lower-case text."""
    return text in f"{figure.key} {figure.name} {figure.name_zh} {figure.formula}".lower()
