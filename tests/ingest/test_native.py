"""POST /v1/samples: good lines kept, bad ones named, nothing counted twice."""

import gzip
import json
from typing import Any

from tests.service import Service, now_ms

DAY_MS = 86_400_000


def line(session: str = "n1", **more: Any) -> dict[str, Any]:
    return {"session": session, "ts": now_ms(), "interval_ms": 5000, "play_ms": 5000, **more}


def test_it_works(service: Service) -> None:
    facts = {"stream": "room1", "country": "CN", "province": "Guangdong", "user": "u1"}
    status, said = service.samples([line(facts=facts), line(event="first_frame", elapsed_ms=700)])
    assert (status, said) == (200, {"accepted": 2, "duplicates": 0, "rejected": 0})


def test_takes_an_array_and_gzip(service: Service) -> None:
    body = gzip.compress(json.dumps([line(), line()]).encode())
    status, said, _ = service.request("POST", "/v1/samples", body, {**service.bearer(), "Content-Encoding": "gzip"})
    assert (status, said["accepted"]) == (200, 2)


def test_counts_a_retried_batch_once(service: Service) -> None:
    batch = [line("retried"), line("retried")]
    assert service.samples(batch, Idempotency_Key="b1")[1]["duplicates"] == 0
    assert service.samples(batch, Idempotency_Key="b1")[1]["duplicates"] == 2
    # The same key of another customer is another batch.
    assert service.samples(batch, key="social_secret", Idempotency_Key="b1")[1]["duplicates"] == 0


def test_names_the_bad_line_and_keeps_the_good_ones(service: Service) -> None:
    cases = [
        (b"{not json", "this is not JSON"),
        ({"session": "n1"}, "missing required field `ts`"),
        (line(stall_ms=-5), "stall_ms: expected `int` >= 0"),
        (b'{"session": "n1", "ts": NaN}', "this is not JSON"),
        (line(stal_ms=5), "unknown field `stal_ms`"),
        (line(event="frozen"), "event 'frozen' is not known"),
        (line(ts=now_ms() - 8 * DAY_MS), "more than 7 days ago"),
        (line(ts=now_ms() + 3600_000), "more than 10 minutes ahead"),
        (line(ts=now_ms() + 10 * 365 * DAY_MS), "more than 10 minutes ahead"),
        (line(session=""), "session: expected `str` of length >= 1"),
        (line(fps="fast"), "fps: expected `float | null`, got `str`"),
        (line(customer=2), "unknown field `customer`"),
    ]
    for bad, sentence in cases:
        status, said = service.samples([line(), bad, line()])
        assert (status, said["accepted"], said["rejected"]) == (200, 2, 1), (bad, said)
        assert said["first_rejected"]["line"] == 2
        assert sentence in said["first_rejected"]["reason"], said


def test_keeps_what_is_in_time_of_a_body_over_150_days(service: Service) -> None:
    status, said = service.samples([line("long", ts=now_ms() - day * DAY_MS) for day in range(150)])
    assert (status, said["accepted"], said["rejected"]) == (200, 7, 143)


def test_rejects_a_body_of_which_nothing_can_be_used(service: Service) -> None:
    for body in (b"", b"\n\n", b"not json", b"[1, 2", b"[]", b'["a"]'):
        status, said, _ = service.request("POST", "/v1/samples", body, service.bearer())
        assert status == 400, body
        assert said["error"], body


def test_rejects_half_a_gzip(service: Service) -> None:
    body = gzip.compress(json.dumps(line()).encode() * 50)
    for broken in (body[: len(body) // 2], b"\x1f\x8b" + body[10:], b"plain"):
        headers = {**service.bearer(), "Content-Encoding": "gzip"}
        status, said, _ = service.request("POST", "/v1/samples", broken, headers)
        assert status == 400
        assert "gzip" in said["error"]


def test_rejects_100_megabytes_packed_or_not(service: Service) -> None:
    bomb = gzip.compress(b" " * 100_000_000)
    status, said, _ = service.request("POST", "/v1/samples", bomb, {**service.bearer(), "Content-Encoding": "gzip"})
    assert status == 400
    assert "16 MiB unpacked" in said["error"]
    status, said, _ = service.request("POST", "/v1/samples", b" ", {**service.bearer(), "Content-Length": "100000000"})
    assert status == 413
    assert "16 MiB" in said["error"]


def test_requires_a_known_key(service: Service) -> None:
    for headers in ({}, {"Authorization": "Bearer ak_nobody_knows"}, {"Authorization": "Basic abc"}):
        status, said, _ = service.request("POST", "/v1/samples", b"{}", headers)
        assert status == 401
        assert "key is not known" in said["error"]


def test_publishes_its_schema(service: Service) -> None:
    status, said, _ = service.request("GET", "/v1/samples.schema.json")
    assert status == 200
    assert {"session", "ts", "facts", "stall_ms"} <= set(said["$defs"]["Sample"]["properties"])


def test_answers_preflight_and_wrong_methods(service: Service) -> None:
    status, _, headers = service.request("OPTIONS", "/v1/samples")
    assert status == 204
    assert "content-type" in headers["access-control-allow-headers"]
    assert service.request("GET", "/v1/samples")[0] == 405
    assert service.request("POST", "/v1/samples/other")[0] == 401
    assert service.request("POST", "/v1/samples/some-key/other")[0] == 404


def test_a_page_names_its_batch_in_the_address(service: Service) -> None:
    """What a page may send without asking first: text, the key in the address, no header of its own."""
    body = json.dumps(line("page")).encode()
    plain = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://customer.example"}

    def post(key: str, name: str = "p1") -> tuple[int, int]:
        address = f"/v1/samples/{service.seeded[key]}?batch={name}"
        status, said, headers = service.request("POST", address, body, plain)
        assert headers["access-control-allow-origin"] == "*"
        assert headers["access-control-expose-headers"] == "retry-after"
        return status, said["duplicates"]

    assert post("show_secret") == (200, 0)
    assert post("show_secret") == (200, 1)
    assert post("show_secret", "p2") == (200, 0)
    assert post("social_secret") == (200, 0)
