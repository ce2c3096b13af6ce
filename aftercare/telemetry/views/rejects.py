"""What was refused at the door of an app, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from aftercare.accounts.access import get_app_for, needs
from aftercare.accounts.models import App
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.queries.rejects import COLUMNS, Reason, Reject, count_rejects, list_rejects, reject_reasons
from aftercare.telemetry.views.asked import with_sentences
from aftercare.web.paging import page_of

KEPT = timedelta(days=7)
SLACK = timedelta(minutes=1)
LONGEST = 500


class Lines:
    """The refused lines as a list that fetches a page when it is asked for it."""

    def __init__(self, app: App, now: datetime, asked: dict[str, str]) -> None:
        self.app, self.span, self.asked = app, (now - KEPT, now + SLACK), asked

    def __len__(self) -> int:
        return count_rejects(self.app, *self.span, self.asked)

    def __getitem__(self, rows: slice) -> list[Reject]:
        return list_rejects(self.app, *self.span, self.asked, limit=rows.stop - rows.start, offset=rows.start)


@needs("see_telemetry")
@with_sentences
def reject_list(request: HttpRequest, ref: str) -> HttpResponse:
    """The reasons of the last seven days with their counts, and the lines, newest first."""
    app = get_app_for(request.user, ref)
    now = utc_now()
    asked = {name: request.GET[name][:LONGEST] for name in COLUMNS if request.GET.get(name)}
    reasons = reject_reasons(app, now - KEPT, now + SLACK)
    return render(
        request,
        "telemetry/rejects.html",
        {
            "app": app,
            "place": "rejects",
            "reasons": reasons,
            "page": page_of(cast("Sequence[Reject]", Lines(app, now, asked)), request),
            "asked": asked,
            "selects": selects(reasons, asked),
        },
    )


def selects(reasons: list[Reason], asked: dict[str, str]) -> list[dict[str, Any]]:
    """What the lines can be narrowed by, each with its values in this time."""
    labels = {"reason": _("Reason"), "source": _("Came by")}
    made = []
    for name, label in labels.items():
        values = list(dict.fromkeys([*(getattr(found, name) for found in reasons), *filter(None, [asked.get(name)])]))
        choices = [("", _("All")), *((value, value) for value in values)]
        made.append({"name": name, "label": label, "value": asked.get(name, ""), "choices": choices})
    return made
