"""End users' complaints: once each, good rows beside bad ones, counted by minute, erased with the user."""

import json
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from aftercare.accounts.actions.data_requests import request_user_data
from aftercare.accounts.actions.keys import revoke_key
from aftercare.accounts.queries import user_hash
from aftercare.desk.models import Complaint, LogRequest, TicketFact
from aftercare.desk.queries import complaints_between
from aftercare.desk.tests.team import asks
from aftercare.desk.views import complaints
from aftercare.kernel.allowances import Allowance
from aftercare.telemetry import engine as telemetry_engine
from tests.world import World

MINUTE = timedelta(minutes=1)


def send(world: World, rows: Any, secret: str | None = None, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {secret if secret is not None else world.show_secret}"}
    body = rows if isinstance(rows, str) else json.dumps({"complaints": rows})
    return world.client().post("/api/complaints", body, content_type="application/json", headers=headers, **more)


def row(world: World, name: str = "c1", **more: Any) -> dict[str, Any]:
    told = {"id": name, "user": "alice", "time": (world.now - MINUTE).isoformat(), "words": "画面卡住了"}
    return {**told, **more}


def test_it_works(world: World) -> None:
    answer = send(world, [row(world), row(world, "c2", user="bob", kind="stall", stream="room-7")])
    assert answer.json() == {"new": 2, "known": 0, "errors": []}
    kept = Complaint.objects.order_by("pk")[0]
    assert kept.app == world.show_app
    assert kept.user_hash == user_hash(world.show, "alice").hex()
    page = world.client("zhao").get("/complaints").content.decode()
    assert "画面卡住了" in page
    assert "alice" not in page
    assert "2 complaints in this time" in page


def test_one_that_is_sent_again_counts_once(world: World) -> None:
    send(world, [row(world)])
    assert send(world, [row(world, words="other words")]).json() == {"new": 0, "known": 1, "errors": []}
    assert Complaint.objects.get().words == "画面卡住了"
    assert send(world, [row(world)], world.social_secret).json()["new"] == 1, "ids are each app's own"


def test_good_rows_are_kept_beside_bad_ones(world: World) -> None:
    rows = [
        row(world),
        row(world, "c2", time="yesterday"),
        row(world, ""),
        row(world, "c4", user=["x"]),
        row(world, "c5", time=(world.now + timedelta(days=2)).isoformat()),
        row(world, "c6", time=int(world.now.timestamp() * 1000)),
        row(world, "c7", user="", words=""),
        row(world, "c8" * 100),
        row(world, "c9", words="x" * 10_000, user="\ud800\x00odd"),
    ]
    told = send(world, rows).json()
    assert (told["new"], [error["index"] for error in told["errors"]]) == (3, [1, 2, 3, 4, 6, 7])
    assert "“time” is not a time" in told["errors"][0]["error"]
    assert len(Complaint.objects.get(external_id="c9").words) == 2_000


@pytest.mark.parametrize("body", ["", "[]", "{", '{"complaints": 1}', '{"complaints": [1]}', "[" * 100_000])
def test_rejects_what_is_no_batch(world: World, body: str) -> None:
    assert send(world, body).status_code == 400


def test_rejects_too_many_and_too_much(world: World) -> None:
    assert send(world, [row(world)] * 1_001).status_code == 400
    assert send(world, "x" * 3_000_000).status_code == 400


def test_requires_an_apps_key(world: World) -> None:
    for secret in ("", "ak_wrong", world.node_secret, world.show_key.fingerprint):
        assert send(world, [row(world)], secret).status_code == 401
    assert world.client("zhao").post("/api/complaints", "{}", content_type="application/json").status_code == 401
    revoke_key(key=world.show_key, actor=world.ada, now=world.now)
    assert send(world, [row(world)]).status_code == 410
    assert not Complaint.objects.exists()


def test_the_app_comes_from_the_key_and_never_from_the_payload(world: World) -> None:
    send(world, [row(world, app=world.social_app.ref, customer=world.social.ref, app_id=world.social_app.pk)])
    assert Complaint.objects.get().customer == world.show
    assert "画面" not in world.client("stranger").get(f"/complaints?app={world.show_app.ref}").content.decode()
    assert world.client("stranger").get(f"/complaints/{world.show_app.ref}.csv").status_code == 404
    assert world.client("stranger").post(f"/complaints/{world.show_app.ref}/file").status_code == 404
    assert world.client("viewer").post(f"/complaints/{world.show_app.ref}/file").status_code == 403


def upload(world: World, content: bytes, name: str = "zhao") -> str:
    file = SimpleUploadedFile("c.csv", content, "text/csv")
    answer = world.client(name).post(f"/complaints/{world.show_app.ref}/file", {"file": file}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_with_bad_lines(world: World) -> None:
    at = (world.now - MINUTE).astimezone(UTC).isoformat()
    text = f'编号,用户,时间,内容\n1,alice,{at},"卡,\n顿"\n2,bob,whenever,x\n\n3,=cmd(),{at},=HYPERLINK("x")\n4,,{at},\n'
    page = upload(world, text.encode())
    assert "2 new complaints were kept, 0 were known already, 2 lines were not taken." in page
    assert "Line 4: “time” is not a time" in page
    assert "Line 7:" in page
    assert "2 were known already" in upload(world, text.encode())
    out = b"".join(world.client("zhao").get(f"/complaints/{world.show_app.ref}.csv").streaming_content).decode()  # type: ignore
    assert "'=HYPERLINK" in out


def test_encodings(world: World) -> None:
    at = (world.now - MINUTE).isoformat()
    text = f"id,user,time,words\n9,u,{at},黑屏没有声音\n"
    upload(world, text.encode("gb18030"))
    assert Complaint.objects.get().words == "黑屏没有声音"
    upload(world, text.replace("9,", "10,").encode("utf-8-sig"))
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 5000, b"hello", b"\xff\xfe" * 4000, b"a,b\n1,2\n", b"x" * 200_000, b'"' + b"\n" * 9000]
)
def test_what_is_no_csv_is_told_so(world: World, content: bytes) -> None:
    page = upload(world, content)
    assert not Complaint.objects.exists()
    assert "message" in page or "kept" in page


def test_a_file_without_ids_counts_once_however_often_it_is_sent(world: World) -> None:
    at = (world.now - MINUTE).isoformat()
    lines = "".join(f"u{n % 50},{at},words {n}\n" for n in range(5_000))
    upload(world, b"user,time,words\n" + lines.encode())
    assert Complaint.objects.count() == 5_000
    assert "5000 were known already" in upload(world, b"user,time,words\n" + lines.encode()).replace(",", "")


def test_counted_by_minute_and_unknown_is_not_zero(world: World) -> None:
    start = world.now.replace(second=0, microsecond=0) - 10 * MINUTE
    assert not complaints_between(world.show_app, start, world.now).is_known
    assert "Nothing is known of complaints yet" in world.client("zhao").get("/complaints").content.decode()
    times = [start, start + timedelta(seconds=59), start + 2 * MINUTE]
    send(world, [row(world, f"c{n}", time=at.isoformat()) for n, at in enumerate(times)])
    counted = complaints_between(world.show_app, start, start + 3 * MINUTE)
    assert [count for _at, count in counted.by_step] == [2, 0, 1]
    assert (counted.total, counted.first_at, counted.step_s) == (3, start, 60)
    empty = complaints_between(world.show_app, start - 9 * MINUTE, start)
    assert (empty.total, empty.is_known, empty.first_at) == (0, True, None)
    assert complaints_between(world.show_app, start - timedelta(days=30), world.now).step_s == 3_600


def test_erasing_a_user_takes_the_words_and_keeps_the_count(world: World) -> None:
    send(world, [row(world), row(world, "c2", user="bob")])
    send(world, [row(world)], world.social_secret)
    ticket = asks(world)
    world.client("agent").post(f"/tickets/{ticket.ref}/logs", {"identifier": "alice"})
    TicketFact.objects.create(ticket=ticket, field="user", value="alice", at=world.now)
    request_user_data(customer=world.show, kind="erase", identifier="alice", actor=world.zhao, now=world.now)
    gone = Complaint.objects.get(app=world.show_app, external_id="c1")
    assert (gone.words, gone.user_hash, gone.erased_at) == ("", "", world.now)
    assert Complaint.objects.exclude(words="").count() == 2
    assert LogRequest.objects.get().user_told == ""
    assert not TicketFact.objects.exists()
    assert send(world, [row(world)]).json()["known"] == 1
    assert Complaint.objects.get(pk=gone.pk).words == ""
    assert "erased at the user" in world.client("zhao").get("/complaints").content.decode()


def test_a_script_in_words_is_inert(world: World) -> None:
    send(world, [row(world, words="<script>alert(1)</script>", stream="<img src=x onerror=alert(1)>")])
    page = world.client("agent").get("/complaints").content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_a_customer_that_sends_too_often_is_told_when_to_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complaints, "INTAKES", Allowance(2, 60))
    monkeypatch.setattr(complaints, "utc_now", lambda: world.now)
    for name in ("c1", "c2"):
        assert send(world, [row(world, name)]).status_code == 200
    refused = send(world, [row(world, "c3")])
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert "2 requests a minute" in refused.json()["error"]
    assert send(world, [row(world)], world.social_secret).status_code == 200, "nobody else is slowed"
    monkeypatch.setattr(complaints, "utc_now", lambda: world.now + timedelta(seconds=30))
    assert send(world, [row(world, "c3")]).status_code == 200


def test_a_users_export_holds_their_complaints_and_nobody_elses(telemetry: Any, world: World) -> None:
    send(world, [row(world), row(world, "c2", user="bob")])
    send(world, [row(world)], world.social_secret)
    asked = request_user_data(customer=world.show, kind="export", identifier="alice", actor=world.zhao, now=world.now)
    for _ in range(3):
        telemetry_engine.process_due(world.now)
    answer = world.client("zhao").get(f"/user-data/{asked.ref}/export.ndjson")
    (line,) = [json.loads(each) for each in b"".join(answer.streaming_content).splitlines()]
    assert (line["record"], line["id"], line["words"]) == ("complaint", "c1", "画面卡住了")
    assert line["app"] == world.show_app.ref
