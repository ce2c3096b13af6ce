"""A published post-mortem shows a customer nothing of another: not on the page, not in the PDF, not by its address."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import Incident, IncidentAlert, IncidentCustomer, PostMortem
from aftercare.incidents.review.impact import reckon_due
from aftercare.incidents.tests.scene import open_alert
from aftercare.telemetry.tests.made import crowd
from tests.world import World

MINUTE = timedelta(minutes=1)
THEIRS = ("Whisper", "耳语", "Stranger", "77", "55%")


def test_a_report_shows_nothing_of_another(telemetry: Any, world: World) -> None:
    start = world.now - 20 * MINUTE
    telemetry.add(
        [
            *crowd(world.show_app, start, 3, stall_ms=4000),
            *crowd(world.social_app, start, 77, stall_ms=4000),
        ]
    )
    open_alert(world, at=start)
    incident = Incident.objects.get()
    theirs = open_alert(world, at=start + MINUTE, app=world.social_app, worst_value=55.0, told=False)
    IncidentCustomer.objects.create(incident=incident, customer=world.social)
    IncidentAlert.objects.create(incident=incident, alert=theirs, joined_at=start, evidence=charted(start, "55"))
    mine = incident.alerts.exclude(alert=theirs).get()
    mine.evidence = {**mine.evidence, **charted(start, "7.9")}
    mine.save()
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    reckon_due(world.now + MINUTE)
    lin = world.client("eng")
    lin.post(f"/incidents/{incident.ref}/review/post-mortem")
    row = PostMortem.objects.get()
    content = row.content
    content["texts"]["impact"] = {"en": "Viewers stalled.", "zh": "观众卡顿。"}
    content["texts"]["cause"] = {"en": "An edge.", "zh": "一个边缘节点。"}
    content["lines"] = list(incident.timeline.values_list("pk", flat=True))  # even if somebody ticks every line
    PostMortem.objects.update(content=content, state="review")
    version = {"version": row.version, "state": "published"}
    for customer in (world.show, world.social):
        done = lin.post(f"/post-mortems/{row.ref}/state", {**version, "customer": customer.ref})
        assert done.status_code == 302, done.content.decode().split("form-error")[-1][:300]
    path = f"/post-mortems/{row.ref}"
    zhao = world.client("zhao")
    pages = [zhao.get(path).content.decode()]
    for language in ("en", "zh"):
        answer = zhao.get(f"{path}/report.pdf?language={language}")
        pages.append("".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages))
    for page in pages:
        report = page.split('<article class="report">')[-1].split("</article>")[0]
        assert "3" in report
        for word in (*THEIRS, "Lin", "Mei", world.social.ref):
            assert word not in report, (word, report)
    other = world.client("stranger").get(path).content.decode()
    assert "77" in other and "Starlight" not in other.split('<article class="report">')[1].split("</article>")[0]
    assert zhao.get(f"{path}/for/{world.social.ref}").status_code == 404
    assert zhao.get(f"{path}/for/{world.social.ref}/report.pdf").status_code == 404


def charted(start: Any, value: str) -> dict[str, Any]:
    """Evidence with a course."""
    at = int(start.timestamp() * 1000)
    return {
        "state": "ready",
        "metric": "stall_rate",
        "value": float(value),
        "worst_value": float(value),
        "threshold": 5.0,
        "definition": {"name": "Stall rate", "name_zh": "卡顿率", "unit": "%", "volume_name": ""},
        "series": [[at + n * 60_000, float(value), 10] for n in range(5)],
    }
