"""Post-mortems: drafted, written together, published to each customer apart, followed up."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from aftercare.clocks.models import Clock, ClockState
from aftercare.desk.models import Message
from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import FollowUp, Incident, IncidentAlert, IncidentCustomer, PostMortem, Publication
from tests.world import World

CAUSE, CAUSE_ZH = "An edge lost its uplink; alarms watched the wrong port.", "边缘节点上行中断，告警盯错了端口。"


@pytest.fixture
def lin(world: World) -> Client:
    return world.client("eng")


@pytest.fixture
def written(world: World, incident: Incident, lin: Client) -> PostMortem:
    """Lin began it after the end, and handed it in for review."""
    link = IncidentAlert.objects.get()
    at = int(incident.opened_at.timestamp() * 1000)
    series = [[at + n * 60_000, 2.0 + n, 100] for n in range(8)]
    link.evidence = {**link.evidence, "state": "ready", "series": series}
    link.save()
    IncidentCustomer.objects.create(incident=incident, customer=world.social)
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    assert lin.post(f"/incidents/{incident.ref}/review/post-mortem").status_code == 302
    made = PostMortem.objects.get()
    assert lin.post(f"/post-mortems/{made.ref}", said(made, cause_en=CAUSE, cause_zh=CAUSE_ZH)).status_code == 302
    move(lin, made, "review")
    return PostMortem.objects.get()


def said(row: PostMortem, **more: str) -> dict[str, Any]:
    """The editor's form as it stands, with what is changed."""
    texts = {f"{key}_{language}": text for key, pair in row.content["texts"].items() for language, text in pair.items()}
    filled = {key: text.replace("[what is known]", "nothing").replace("［", "") for key, text in texts.items()}
    filled["impact_zh"], filled["impact_en"] = "影响待查。", "Being looked at."
    rest = {"version": str(row.version), "told": row.content["told"], "line": row.content["lines"]}
    return {**filled, **rest, **more}


def move(client: Client, row: PostMortem, state: str, **more: Any) -> Any:
    """Press the button for the next state."""
    version = PostMortem.objects.get(pk=row.pk).version
    return client.post(f"/post-mortems/{row.ref}/state", {"state": state, "version": version, **more})


def test_it_works(world: World, incident: Incident, written: PostMortem, lin: Client) -> None:
    assert Clock.objects.get(kind="incident_report").state == ClockState.RUNNING
    done = move(lin, written, "published", customer=[world.show.ref])
    assert done.status_code == 302, done.content.decode()
    assert Clock.objects.get(kind="incident_report").state == ClockState.STOPPED
    path = f"/post-mortems/{written.ref}"
    told = Message.objects.filter(ticket__customer=world.show, body__contains=path)
    assert told.count() == 1 and f"：{settings.BASE_URL}{path}" in told.get().body_zh
    zhao = world.client("zhao")
    page = zhao.get(path).content.decode()
    assert CAUSE in page and "pm-chart" in page and "unknown is not zero" in page
    assert path in zhao.get("/post-mortems").content.decode()
    assert path in zhao.get(f"/incidents/{incident.ref}").content.decode()
    for name in ("stranger", "viewer"):
        assert world.client(name).get(path).status_code == (404 if name == "stranger" else 200)
    assert world.client("stranger").get(f"{path}/report.pdf").status_code == 404


def test_the_pdf_holds_the_chinese_and_the_figures(world: World, written: PostMortem, lin: Client) -> None:
    move(lin, written, "published", customer=[world.show.ref])
    answer = world.client("zhao").get(f"/post-mortems/{written.ref}/report.pdf?language=zh")
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).replace("\n", "")
    assert CAUSE_ZH in text and "星光直播" in text and "7.9%" in text and "10 min" in text.replace("分钟", "min")
    english = world.client("zhao").get(f"/post-mortems/{written.ref}/report.pdf?language=en")
    assert "wrong port" in "".join(page.extract_text() for page in PdfReader(BytesIO(english.content)).pages)


def test_pressed_twice_a_version_is_published_once(world: World, written: PostMortem, lin: Client) -> None:
    for _again in range(2):
        assert move(lin, written, "published", customer=[world.show.ref]).status_code == 302
    assert Publication.objects.count() == 1
    assert Message.objects.filter(body__contains=f"/post-mortems/{written.ref}").count() == 1


def test_what_is_out_stays_until_the_next_is_published(world: World, written: PostMortem, lin: Client) -> None:
    move(lin, written, "published", customer=[world.show.ref])
    row = PostMortem.objects.get()
    lin.post(f"/post-mortems/{row.ref}", said(row, cause_en="Another cause."))
    assert PostMortem.objects.get().state == "draft"
    old = lin.get(f"/post-mortems/{row.ref}?version=1").content.decode()
    assert "This is version 1 by Lin" in old and CAUSE not in old, "every version is kept and can be read"
    assert CAUSE in world.client("zhao").get(f"/post-mortems/{row.ref}").content.decode()
    assert "Another cause." not in world.client("zhao").get(f"/post-mortems/{row.ref}").content.decode()


def test_a_draft_is_not_published_and_brackets_are_not_either(world: World, incident: Incident, lin: Client) -> None:
    lin.post(f"/incidents/{incident.ref}/review/post-mortem")
    row = PostMortem.objects.get()
    assert "review it first" in move(lin, row, "published", customer=[world.show.ref]).content.decode()
    move(lin, row, "review")
    answer = move(lin, row, "published", customer=[world.show.ref])
    assert answer.status_code == 409 and "in place of" in answer.content.decode()
    assert not Publication.objects.exists()


def test_names_that_a_customer_must_not_read_are_asked_about(world: World, written: PostMortem, lin: Client) -> None:
    named = said(written, cause_en=CAUSE + " Whisper 1-1 told us; Lin mended it.")
    lin.post(f"/post-mortems/{written.ref}", named)
    answer = move(lin, written, "published", customer=[world.show.ref])
    assert answer.status_code == 409 and "would read of Lin, Whisper, Whisper 1-1" in answer.content.decode()
    assert not Publication.objects.exists()
    move(lin, written, "published", customer=[world.social.ref], anyway="1")
    assert Publication.objects.get().customer == world.social


def test_follow_ups_are_told_with_names_only_where_somebody_said_so(
    world: World, incident: Incident, written: PostMortem, lin: Client
) -> None:
    due = (world.now + timedelta(days=9)).date().isoformat()
    facts = {"title": "Watch the uplink's port", "owner": world.mei.ref, "due_on": due, "is_root_fix": "on"}
    address = f"/incidents/{incident.ref}/review/follow-ups"
    assert lin.post(address, facts).status_code == 302
    assert lin.post(address, facts).status_code == 409, "there is one root fix"
    move(lin, written, "published", customer=[world.show.ref])
    page = world.client("zhao").get(f"/post-mortems/{written.ref}").content.decode()
    assert "Watch the uplink&#x27;s port" in page and "Mei" not in page
    assert "Watch the uplink&#x27;s port" in lin.get("/post-mortems").content.decode()
    one = FollowUp.objects.get()
    no_reason = lin.post(f"/follow-ups/{one.ref}/end", {"state": "dropped", "back": "https://evil.example/"})
    assert no_reason["Location"] == "/post-mortems" and FollowUp.objects.get().state == "open"
    lin.post(f"/follow-ups/{one.ref}/end", {"state": "done", "back": f"/incidents/{incident.ref}/review"})
    assert FollowUp.objects.get().state == "done"
    assert world.client("zhao").post(f"/follow-ups/{one.ref}/end", {"state": "done"}).status_code == 404


def test_only_who_may_act_previews_and_writes(world: World, written: PostMortem) -> None:
    path = f"/post-mortems/{written.ref}"
    preview = f"{path}/for/{world.show.ref}"
    assert world.client("eng").get(preview).status_code == 200
    assert world.client("eng").get(f"{preview}/report.pdf").status_code == 200
    assert world.client("zhao").get(preview).status_code == 404
    assert world.client("zhao").get(path).status_code == 404, "nothing is published yet"
    assert world.client("agent").post(path, said(written)).status_code == 403
    assert world.client("agent").get(path).status_code == 200
