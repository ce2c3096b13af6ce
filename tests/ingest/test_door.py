"""What the door does with keys, quotas, hostile values and refused lines; one bad line never costs anybody else's."""

import asyncio
import json
import threading
from typing import Any

import pytest

from aftercare.ingest.app import IngestApp
from aftercare.ingest.keys import Key, KeyRing
from aftercare.ingest.places import Places
from aftercare.kernel.signing import fingerprint
from tests.service import Service, now_ms


def report(session: str, **more: str) -> str:
    keys = {"e": "ps", "sid": f'"{session}"', "sn": "1", "sta": "p", "ts": str(now_ms()), "v": "2", **more}
    return ",".join(f"{name}={value}" if value else name for name, value in keys.items())


def native(session: str, **more: Any) -> dict[str, Any]:
    return {"session": session, "ts": now_ms(), "interval_ms": 5000, "play_ms": 5000, **more}


@pytest.mark.parametrize(
    "hostile",
    [
        *({"h": "5"}, {"h": ""}, {"h": "(1 2)"}, {"cid": "(a b)"}, {"sf": "(h)"}, {"cdn": "?1"}, {"sta": "(p)"}),
        *({"br": "-999999999999999"}, {"bl": "(999999999999999)"}, {"sn": '"x"'}, {"sn": "999999999999999"}),
        {"e": "rr", "url": "5"},
    ],
)
def test_a_value_of_the_wrong_kind_is_taken_for_unsaid(service: Service, hostile: dict[str, str]) -> None:
    status, said = service.cmcd(f"{report('hostile', **hostile)}\n{report('beside')}")
    assert status == 204, said


@pytest.mark.parametrize("event", ["(ps)", "5", "?1", ""])
def test_an_event_of_the_wrong_kind_costs_only_its_line(service: Service, event: str) -> None:
    status, said = service.cmcd(f"{report('beside')}\n{report('hostile', e=event)}")
    assert (status, said["rejected"], said["first_rejected"]["line"]) == (200, 1, 2)


def test_a_revoked_key_hears_410_and_a_rotated_one_serves_on(service: Service) -> None:
    old = service.seeded["social_secret"]
    assert service.cmcd(report("rotating"), key="social_secret")[0] == 204
    service.seeded["new_secret"] = service.change_key("rotate")["secret"]
    service.wait_until(lambda: service.cmcd(report("rotating-new"), key="new_secret")[0] == 204)
    assert service.cmcd(report("rotating-old"), key="social_secret")[0] == 204
    service.change_key("revoke")
    service.wait_until(lambda: service.cmcd(report("late"), key="new_secret")[0] == 410)
    status, said, headers = service.request("POST", f"/v1/cmcd/{old}", report("late").encode())
    assert status == 410 and "revoked" in said["error"]
    assert headers["access-control-allow-origin"] == "*"
    assert service.samples([native("late")], key="social_secret")[0] == 410


def test_a_player_may_ask_first(service: Service) -> None:
    """CORS: application/cmcd is not a simple type, so a browser asks before it sends."""
    asked = {"Origin": "https://player.example", "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "content-type"
    status, _, headers = service.request("OPTIONS", f"/v1/cmcd/{service.seeded['show_secret']}", headers=asked)
    assert status == 204
    assert headers["access-control-allow-origin"] == "*"
    assert "POST" in headers["access-control-allow-methods"]
    assert "content-type" in headers["access-control-allow-headers"]


def test_more_lines_than_are_read_at_once_are_refused(service: Service) -> None:
    line = json.dumps(native("many")).encode() + b"\n"
    for path, body in (
        ("/v1/samples", line * 20_001),
        (f"/v1/cmcd/{service.seeded['show_secret']}", b"v=2\n" * 20_001),
    ):
        status, said, _ = service.request("POST", path, body, service.bearer())
        assert status == 400 and "smaller batches" in said["error"]
    array = json.dumps([native("many")] * 20_001).encode()
    assert service.request("POST", "/v1/samples", array, service.bearer())[0] == 400


def test_a_batch_of_another_customer_in_the_same_commit_is_kept(service: Service) -> None:
    """150 days in one body, and lines of every wrong kind, while a neighbour sends."""
    answers: dict[str, list[int]] = {"bad": [], "good": []}

    def send(kind: str, lines: list[Any]) -> None:
        answers[kind] += [
            service.samples(lines, key="show_secret" if kind == "bad" else "node_secret")[0] for _ in range(4)
        ]

    days = [native("days", ts=now_ms() - day * 86_400_000) for day in range(150)]
    threads = [threading.Thread(target=send, args=("bad", [*days, b"{", {"session": 5}])) for _ in range(4)]
    threads += [threading.Thread(target=send, args=("good", [native("neighbour")])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"bad": [200] * 16, "good": [200] * 16}


def test_two_nodes_with_the_same_batch_name_are_two(service: Service) -> None:
    """Keys of the provider's own nodes share customer and app 0, and nothing else."""
    service.seeded["second_node"] = service.change_key("node")["secret"]
    service.wait_until(lambda: service.samples([native("n")], key="second_node")[0] == 200)
    for key in ("node_secret", "second_node"):
        status, said = service.samples([native("same", facts={"user": "u1"})], key=key, Idempotency_Key="b1")
        assert (status, said["duplicates"]) == (200, 0)
    assert service.samples([native("same")], key="node_secret", Idempotency_Key="b1")[1]["duplicates"] == 1


def test_late_reports_of_a_long_session(service: Service) -> None:
    """A stall that is told minutes late, beyond the points that are held of a session."""
    begun = now_ms() - 600_000
    points = [(begun + n * 5000, n, "p") for n in range(100)]
    for at, sequence, state in points:
        assert service.cmcd(report("long", sta=state, ts=str(at), sn=str(sequence)))[0] == 204
    late = [
        report("long", sta="r", ts=str(begun + 12_500), sn="900"),
        report("long", sta="r", ts=str(begun + 22_500), sn="901"),
    ]
    assert service.cmcd("\n".join(late))[0] == 204
    assert service.cmcd(late[0])[0] == 204  # once more: a repeat


def test_a_long_report_keeps_its_number_and_whole_keys(service: Service) -> None:
    status, _ = service.cmcd(
        report("wide", **{"com.example-note": f'"{"y" * 5000}"', "sn": "77", "com.example-short": "1"})
    )
    assert status == 204


def test_refused_lines_are_kept_without_names(service: Service) -> None:
    bad = {**native("named"), "facts": {"user": "alice@example.com"}, "stall_ms": -1}
    assert service.samples([bad])[0] == 400
    assert service.cmcd("this is no report at all")[0] == 400
    assert service.request("POST", "/v1/samples", b"[1,", service.bearer())[0] == 400
    for _ in range(50):
        assert service.samples([b"{flood"] * 50)[0] == 400


def test_ten_thousand_values_of_a_dimension_are_kept_as_other(service: Service) -> None:
    lines = [native(f"values{n}", facts={"device": f"phone {n}"}) for n in range(10_000)]
    status, said = service.samples([*lines, b"{bad"])
    assert (status, said["accepted"], said["rejected"]) == (200, 10_000, 1)
    assert "device" in said["warning"] and "over 2000 different values today" in said["warning"]
    assert "warning" not in service.samples([native("after", facts={"os": "Android 15"})])[1]


def test_over_its_quota_a_key_is_told_when_to_come_again(service: Service) -> None:
    service.seeded["slow_key"] = service.change_key("limit", quota=10)["secret"]
    service.wait_until(lambda: service.samples([native("q")], key="slow_key")[0] == 200)
    body = "\n".join(json.dumps(native(f"q{n}")) for n in range(300)).encode()
    seen = [service.request("POST", "/v1/samples", body, service.bearer("slow_key")) for _ in range(3)]
    # A body larger than the whole bucket is let through once it is full, and leaves a debt: one of three at most.
    _, said, headers = next(answer for answer in seen if answer[0] == 429)
    assert "10 lines a second" in said["error"]
    assert int(headers["retry-after"]) >= 1
    assert service.samples([native("other")])[0] == 200


def test_what_was_stored_of_all_this(service: Service) -> None:
    """The server goes down, its rows are read."""
    service.stop()
    try:
        long = "SELECT sum(stall_ms), sum(stall_count), count() FROM samples WHERE session = 'long' AND source = 'cmcd'"
        assert service.telemetry(long) == [[5000, 2, 102]]
        wide = "SELECT JSONExtractInt(detail, 'sn'), JSONHas(detail, 'com.example-short'), isValidJSON(detail)"
        assert service.telemetry(f"{wide} FROM samples WHERE session = 'wide' AND source = 'cmcd'") == [[77, 1, 1]]
        same = "SELECT count(), uniqExact(session), countIf(user = 'u1'), any(edge) != '' FROM samples"
        assert service.telemetry(f"{same} WHERE session LIKE '%/same' AND customer = 0") == [[2, 2, 0, 1]]
        values = "SELECT count(), uniqExact(device), countIf(device = '(other)') FROM samples"
        assert service.telemetry(f"{values} WHERE session LIKE 'values%'") == [[10_000, 2001, 8000]]
        days = "SELECT count() FROM samples WHERE session = 'days'"
        assert service.telemetry(days) == [[16 * 7]]
        assert service.telemetry("SELECT count() FROM samples WHERE session LIKE '%/neighbour'") == [[16]]
        noted = service.telemetry("SELECT source, line, reason, excerpt FROM rejects")
        assert not [row for row in noted if "alice" in row[3]]
        assert [row for row in noted if row[0] == "native" and "stall_ms" in row[2] and '"user": "..."' in row[3]]
        assert [row for row in noted if row[0] == "cmcd" and "not a CMCD report" in row[2]]
        assert [row for row in noted if row[1] == 0 and "JSON array" in row[2]]
        assert 0 < len([row for row in noted if row[3] == "{flood"]) <= 1200
        readings = "SELECT count() FROM samples WHERE bitrate_kbps < 0 OR bitrate_kbps > 1e9 OR buffer_ms > 1e9"
        assert service.telemetry(readings) == [[0]]
    finally:
        service.close_reader()
        service.start()


def test_a_body_that_trickles_is_given_up() -> None:
    key = Key(fingerprint("ak_slow"), 1, 1, 30, 100, None)
    keys = KeyRing(lambda: [key])
    keys.reload()
    app = IngestApp(keys, None, places=Places(), read_s=0.05)  # type: ignore[arg-type]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not sent and not hasattr(receive, "began"):
            receive.began = True  # type: ignore[attr-defined]
            return {"type": "http.request", "body": b"{", "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"path": "/v1/samples", "method": "POST", "headers": [(b"authorization", b"Bearer ak_slow")]}
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert "did not arrive" in json.loads(sent[1]["body"])["error"]
