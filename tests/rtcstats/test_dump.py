"""POST /v1/rtcstats: a recording becomes the sessions of its connections, once, without an address in them."""

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rtcstats.capture import reports
from tests.rtcstats.recording import Recording, joined
from tests.service import Service, now_ms


def call(peer: str = "PC_0", *, ago_ms: int = 600_000, **more: Any) -> Recording:
    """The captured call as a recording that began so long ago."""
    begun = now_ms() - ago_ms
    made = joined(peer, begun, **more)
    for report in reports(begun + 1000):
        made.stats(peer, with_path(dict(report.objects)), report.at)
    return made.add("close", peer, None, begun + 49_000)


def with_path(objects: dict[str, Any]) -> dict[str, Any]:
    """With the ends of the path, and their addresses, which must be kept nowhere."""
    near = {"type": "local-candidate", "candidateType": "relay", "address": "198.51.100.7", "networkType": "wifi"}
    objects["P"] = {**objects.get("P", {"type": "candidate-pair"}), "localCandidateId": "L", "remoteCandidateId": "R"}
    return {**objects, "L": near, "R": {"type": "remote-candidate", "candidateType": "host", "address": "2001:db8::7"}}


def upload(service: Service, body: bytes, query: str = "", key: str = "show_secret", **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    status, said, _ = service.request("POST", f"/v1/rtcstats{query}", body, {**service.bearer(key), **named})
    return status, said


def failing() -> Recording:
    """A connection whose ICE fails, on a page that may not use the camera."""
    begun = now_ms() - 60_000
    made = Recording().add("create", "PC_0", {}, begun)
    made.add("oniceconnectionstatechange", "PC_0", "checking", begun + 10)
    made.add("oniceconnectionstatechange", "PC_0", "failed", begun + 15_000)
    made.add("onconnectionstatechange", "PC_0", "failed", begun + 15_001)
    return made.add("navigator.mediaDevices.getUserMediaOnFailure", None, "NotAllowedError: no", begun + 15_002, "60-0")


def test_names_the_bad_line_and_keeps_the_good_ones(service: Service) -> None:
    good = call(told={"session": "partly"})
    cases: list[tuple[bytes, str]] = [
        (b'["g","PC_0",{"t":NaN},1]', "this is no line of a recording"),
        (b'["g","PC_0",[1,2],1]', "getStats: this is no report"),
        (b'["g"]', "fewer entries"),
        (b"[" * 100_000 + b"]" * 100_000, "this is no line of a recording"),
        (b'["g","PC_0",' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b",1]", "this is no line of a recording"),
        (b'["g","PC_0",{},1e999]', "this is no line of a recording"),
        (b'[":aftercare","PC_0",{"customer":2},1]', "unknown field `customer`"),
        (b'["create","PC_9",null,8e12]', "10 minutes ahead"),
        (b'["g","PC_0",{"x":"' + b"x" * (1 << 20) + b'"},1]', "over 1 MiB"),
    ]
    for bad, sentence in cases:
        lines = good.dump().split(b"\n")
        status, said = upload(service, b"\n".join([*lines[:-2], bad, *lines[-2:]]), "?dump=partly")
        assert (status, said["rejected"]) == (200, 1), (bad[:40], said)
        assert said["first_rejected"]["line"] == len(lines) - 1 and sentence in said["first_rejected"]["reason"], said


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"[]", "this is no rtcstats dump"),
        (b"RTCStatsDump\n", "the second line"),
        (b'RTCStatsDump\n{"fileFormat":4}\n', "fileFormat is '4'"),
        (b"RTCStatsDump\n[1]\n", "the second line"),
        (b'RTCStatsDump\n{"fileFormat":3}\n' + b"\n" * 50_001, "more than 50,000 lines"),
        (gzip.compress(b"a" * (65 << 20)), "over 64 MiB unpacked"),
    ],
)
def test_rejects_what_is_no_dump(service: Service, body: bytes, sentence: str) -> None:
    status, said = upload(service, body)
    assert status == 400 and sentence in said["error"], said


def test_takes_the_file_of_a_form(service: Service) -> None:
    dump = call(told={"session": "form"}).dump()
    body = b'--b0\r\nContent-Disposition: form-data; name="f"; filename="d"\r\n\r\n' + dump + b"\r\n--b0--\r\n"
    status, said = upload(service, body, Content_Type="multipart/form-data; boundary=b0")
    assert (status, said["rejected"]) == (200, 0)


def test_millions_of_names_are_not_held(service: Service) -> None:
    begun = now_ms() - 60_000
    made = Recording()
    for number in range(70):
        made.add("create", f"PC_{number}", {}, begun)
    many = {str(number): {"type": 1, "14": number} for number in range(20_000)}
    made.add("getStats", "PC_0", many, begun + 1)
    made.add("onconnectionstatechange", "PC_0", "connected", begun + 2)
    status, said = upload(service, made.dump(session="many"))
    assert (status, said["rejected"], said["accepted"]) == (200, 7, 2)


def test_a_key_is_needed(service: Service) -> None:
    dump = call().dump()
    assert service.request("POST", "/v1/rtcstats", dump)[0] == 401
    assert service.request("POST", "/v1/rtcstats/stranger", dump)[0] == 401
    assert service.request("GET", "/v1/rtcstats")[0] == 405


def two_connections() -> bytes:
    two = call("PC_0", ago_ms=500_000)
    two.lines += call("PC_1", ago_ms=400_000).lines
    return two.dump(session="visit")


@pytest.fixture(scope="module")
def stored(service: Service) -> Iterator[Callable[[str], list[list[Any]]]]:
    """Recordings sent, one of them again and again, also after a kill; the server is down, its rows can be read."""
    told = call(told={"session": "rtc-1", "stream": "room-9", "user": "u-7"})
    told.add("navigator.mediaDevices.getUserMediaOnFailure", None, "TypeError: 198.51.100.7", now_ms() - 1000, "60-0")
    told.add(":a:198.51.100.7", "PC_0", {"address": "198.51.100.7"}, now_ms() - 1000)
    dump = told.dump(url="/198.51.100.7", remoteAddresses=["198.51.100.7"], userAgent="X11; Linux 198.51.100.7")
    status, first = upload(service, dump)
    assert (status, first["rejected"], first["duplicates"]) == (200, 0, 0)
    assert upload(service, gzip.compress(dump), Content_Encoding="gzip")[1]["duplicates"] == first["accepted"]
    service.kill()
    service.start()
    assert upload(service, gzip.compress(dump))[1]["duplicates"] == first["accepted"]
    # The same recording of another customer is another recording, whatever it says of itself.
    whose = call(told={"session": "rtc-1"}).dump(authData={"customer": 1, "session": "rtc-1"})
    assert upload(service, whose, key="social_secret")[1]["duplicates"] == 0
    assert upload(service, two_connections(), "?country=CN")[0] == 200
    assert upload(service, call("P" * 200, ago_ms=300_000).dump(), "?dump=d2")[0] == 200
    assert upload(service, failing().dump(session="failing"))[1]["accepted"] == 3
    service.stop()
    yield service.telemetry
    service.start()


def events(stored: Callable[[str], list[list[Any]]], session: str) -> list[tuple[str, str, int]]:
    rows = stored(
        f"SELECT event, code, elapsed_ms FROM samples WHERE event != '' AND session = '{session}' AND app = "
        "(SELECT min(app) FROM samples WHERE app > 0) ORDER BY ts, event, code"
    )
    return [(event, code, elapsed) for event, code, elapsed in rows]


def test_a_call_is_counted_once_as_its_counters_say(stored: Callable[[str], list[list[Any]]]) -> None:
    ours, theirs = stored(
        "SELECT sum(packets_lost), sum(frames), arraySort(groupArrayArray(video_gaps)), any(stream), any(network), "
        "any(protocol), countIf(user = 'u-7'), uniqExact(user), sum(opened) FROM samples WHERE session = 'rtc-1' "
        "GROUP BY customer ORDER BY customer"
    )
    assert ours == [177, 789, [313, 321, 4112], "room-9", "wifi", "webrtc", 0, 1, 1]
    assert theirs[:4] == [177, 789, [313, 321, 4112], ""]


def test_the_join_is_told_step_by_step(stored: Callable[[str], list[list[Any]]]) -> None:
    assert events(stored, "rtc-1")[:5] == [
        ("step", "signalling", 200),
        ("step", "ice", 150),
        ("join_ok", "", 550),
        ("step", "dtls", 60),
        ("first_frame", "", 320),
    ]
    assert ("leave", "", 0) in events(stored, "rtc-1")


def test_a_connection_is_a_session(stored: Callable[[str], list[list[Any]]]) -> None:
    rows = stored(
        "SELECT session, sum(packets_lost), any(country) FROM samples "
        "WHERE session LIKE 'visit%' OR session LIKE 'd2/%' GROUP BY session ORDER BY session"
    )
    assert [row[1] for row in rows] == [177, 177, 177]
    assert [row[0] for row in rows][1:] == ["visit", "visit/PC_1"]
    assert rows[1][2] == "CN" and rows[0][0].startswith("d2/") and len(rows[0][0]) == len("d2/") + 16


def test_failures_are_told(stored: Callable[[str], list[list[Any]]]) -> None:
    assert events(stored, "failing") == [
        ("error", "ice failed", 0),
        ("join_failed", "ice failed", 0),
        ("error", "getUserMedia NotAllowedError", 0),
    ]


def test_no_address_is_stored(stored: Callable[[str], list[list[Any]]]) -> None:
    text = "\n".join(row[0] for row in stored("SELECT toString(tuple(*)) FROM samples"))
    text += "\n".join(row[0] for row in stored("SELECT toString(tuple(*)) FROM rejects"))
    assert "relay" in text and "getUserMedia TypeError" in text and "a:(address)" in text
    assert "198.51" not in text and "2001:db8" not in text and "203.0.113" not in text
