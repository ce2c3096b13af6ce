"""Access logs over HTTP: sessions and served requests as the log's own content says, once, whatever comes twice."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.service import Service, now_ms

CAPTURE = Path(__file__).parent.parent / "captures" / "cmcd-request-mode_nginx-access-log.jsonl"
SID = "6b8c0e1a-1111-4222-8333-795400"
AGO_S = 600
SCRIPT = "<script>alert(1)</script>"


def captured() -> list[str]:
    """The captured lines, moved to ten minutes ago."""
    lines = [json.loads(line) for line in CAPTURE.read_text().splitlines()]
    first = datetime.fromisoformat(lines[0]["t"]).timestamp()
    shift = now_ms() // 1000 - AGO_S - first
    for line in lines:
        line["t"] = datetime.fromtimestamp(datetime.fromisoformat(line["t"]).timestamp() + shift, UTC).isoformat()
    return [json.dumps(line) for line in lines]


CAPTURED = captured()
# Lines of one session are told apart by their times alone: all are counted from the same instant.
BEGUN_MS = now_ms()


def cmcd_line(session: str, after_s: float, cmcd: str, **more: Any) -> str:
    """One line of nginx's log: this session's player asked for a segment, with these further keys."""
    keys = ",".join(filter(None, (cmcd, session and f'sid="{session}"')))
    told = {"msec": f"{BEGUN_MS / 1000 - AGO_S + after_s:.3f}", "request_time": "0.000", "status": "200"}
    told |= {"bytes_sent": "1000", "host": "live.example", "request_id": f"{session} {after_s}"}
    return json.dumps(told | {"request_uri": f"/live/room1-{after_s:.0f}.ts?CMCD={quote(keys)}"} | more)


def aliyun_line(**more: Any) -> str:
    told = {"unixtime": now_ms() // 1000 - 60, "domain": "pull.starlight.example", "method": "GET", "scheme": "https"}
    told |= {"uri": "/live/room1.flv", "uri_param": "auth_key=secret-token", "client_ip": "203.0.113.7"}
    told |= {"request_time": 5000, "response_size": 2_000_000, "return_code": 200, "user_agent": "ijkplayer"}
    return json.dumps({**told, "uuid": f"{len(more)}{more}"} | more)


def tencent_line(**more: Any) -> str:
    told = {"time": now_ms() // 1000 - 60, "host": "tx.starlight.example", "url": "/live/room2-17.ts", "param": "-"}
    told |= {"client_ip": "203.0.113.8", "request_time": 120, "rsp_size": 9000, "http_code": 200, "ua": "x"}
    return json.dumps({**told, "prov": "Guangdong", "isp": "China Telecom", "uuid": f"{len(more)}{more}"} | more)


def post(service: Service, path: str, lines: list[str], *, key: str = "show_secret", **headers: str) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    status, said, _ = service.request("POST", path, "\n".join(lines).encode(), {**service.bearer(key), **named})
    return status, said


def test_a_capture_is_taken_once(service: Service) -> None:
    taken = {"accepted": 39, "duplicates": 0, "not_cmcd": 0, "rejected": 0}
    assert post(service, "/v1/cmcd-log", CAPTURED) == (200, taken)
    status, said, _ = service.request(
        "POST", f"/v1/cmcd-log/{service.seeded['show_secret']}", "\n".join(CAPTURED[::-1]).encode()
    )
    assert (status, said["duplicates"]) == (200, 39)


def test_a_line_without_cmcd_is_no_error(service: Service) -> None:
    plain = json.dumps({"msec": now_ms() / 1000, "request_uri": "/favicon.ico", "status": 404})
    assert post(service, "/v1/cmcd-log", [plain] * 3) == (
        200,
        {"accepted": 0, "duplicates": 0, "not_cmcd": 3, "rejected": 0},
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (cmcd_line("", 1, "bl=100,br=64"), "sid is missing"),
        (cmcd_line("bad", 1, "bl=(1"), "this is not a CMCD report"),
        (cmcd_line("bad", 1, "", msec="yesterday"), "time 'yesterday' cannot be read"),
        (cmcd_line("bad", 1, "", msec=None), "this line has no time"),
        (cmcd_line("bad", 1, "", msec=1), "is more than 7 days ago"),
        (cmcd_line("bad", 1, "", agent="x" * 70_000), "this line is over 64 KiB"),
        ("GET / not a log", "neither a JSON object nor in nginx's combined format"),
        ('{"msec": ' + "[" * 10_000, "this is not JSON"),
    ],
)
def test_a_bad_line_is_named_and_the_good_beside_it_kept(service: Service, line: str, sentence: str) -> None:
    good = cmcd_line("neighbour", 5, "sn=1,sta=p,v=2")
    status, said = post(service, "/v1/cmcd-log", [good, line])
    assert (status, said["accepted"], said["rejected"], said["first_rejected"]["line"]) == (200, 1, 1, 2)
    assert sentence in said["first_rejected"]["reason"]
    status, said = post(service, "/v1/cmcd-log", [line])
    assert status == 400 and sentence in said["error"]


def test_a_refused_line_is_kept_without_what_it_must_not_tell(service: Service) -> None:
    uri = "/live/a.ts?auth_key=secret-token&CMCD=bl%3D%28"
    for address in ("203.0.113.55", "2001:db8:1::7"):
        line = json.dumps({"remote_addr": address, "request_uri": uri, "msec": now_ms() / 1000})
        combined = f'{address} - - [23/Nov/2020:02:15:03 +0000] "GET {uri} HTTP/1.1" 200 1 "-" "refused"'
        assert post(service, "/v1/cmcd-log", [line, combined])[0] == 400
    assert post(service, "/v1/cdn-log?format=aliyun", [aliyun_line(unixtime="never")])[0] == 400


def test_v1_by_header_and_combined_and_stalls(service: Service) -> None:
    header = {"request_uri": "/live/1.ts"}
    lines = [
        cmcd_line("v1", 0, "ot=v,su"),
        cmcd_line("v1", 2, "ot=v,bl=2000"),
        # Video and audio each tell of the stall once for themselves.
        cmcd_line("v1", 10, "ot=v,bs,su"),
        cmcd_line("v1", 11, "ot=a,bs"),
        cmcd_line("v1", 14, "ot=v,bl=3000"),
        cmcd_line("h2", 0, "", **header, http_cmcd_session='sid="h2",v=2', http_cmcd_request="sn=0,sta=s"),
        cmcd_line("h2", 2, "", **header, http_cmcd_session='sid="h2",v=2', http_cmcd_status="sn=1,sta=p,ot=v"),
        cmcd_line("h2", 8, "", **header, http_cmcd_object='sn=2,sta=p,ot=v,bs,bsd=(1500),sid="h2",v=2'),
    ]
    at = datetime.fromtimestamp(now_ms() / 1000 - AGO_S, UTC).strftime("%d/%b/%Y:%H:%M:%S %z")
    told = quote('sid="combined",sn=1,sta=p,v=2')
    lines.append(
        f'192.0.2.9 - - [{at}] "GET /live/2.ts?CMCD={told} HTTP/1.1" 206 4321 "-" '
        '"Mozilla/5.0 (Linux; Android 14) \\x22x\\x22"'
    )
    status, said = post(service, "/v1/cmcd-log", lines)
    assert (status, said["accepted"], said["rejected"]) == (200, 9, 0)


def test_events_of_the_same_player_count_alone(service: Service) -> None:
    begun = BEGUN_MS - AGO_S * 1000
    log = [cmcd_line("both", n * 2, f"sn={n},sta={'r' if n == 2 else 'p'},ot=v,v=2") for n in range(80)]
    assert post(service, "/v1/cmcd-log", log[:70])[0] == 200
    states = [(0, "s"), (1000, "p"), (6000, "r"), (6500, "p"), (20_000, "q")]
    events = [f'e=ps,sid="both",sn={n},sta={state},ts={begun + at},v=2' for n, (at, state) in enumerate(states)]
    assert service.cmcd("\n".join(events))[0] == 204
    assert post(service, "/v1/cmcd-log", log[70:])[0] == 200


def test_cdn_logs(service: Service) -> None:
    cmcd = "auth=x&CMCD=" + quote('sid="in-cdn",sn=0,sta=p,ot=av,v=2')
    lines = [aliyun_line(), aliyun_line(return_code="503"), aliyun_line(client_ip="203.0.113.99", uri_param=cmcd)]
    status, said = post(service, "/v1/cdn-log?format=aliyun&map=first_byte_ms:fb", [*lines, aliyun_line(fb=80)])
    assert (status, said["accepted"]) == (200, 5)  # one of the four carries CMCD and is a session's request too
    assert post(service, "/v1/cdn-log?format=aliyun", lines)[1]["duplicates"] == 4
    assert post(service, "/v1/cdn-log?format=tencent", [tencent_line(), tencent_line(http_code=404)])[0] == 200
    own = [
        json.dumps({"when": now_ms() - 60_000, "size": 5, "code": 200, "link": "https://h/live/room3/index.m3u8?t=1"})
    ]
    where = "/v1/cdn-log?cdn=own&map=ended:when,bytes:size,status:code,uri:link"
    assert post(service, where, own)[0] == 200


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("?format=akamai", "format 'akamai' is not known here"), ("?map=colour:x", "map has 'colour:x'")],
)
def test_rejects_a_mapping_it_does_not_know(service: Service, query: str, sentence: str) -> None:
    status, said = post(service, f"/v1/cdn-log{query}", [aliyun_line()])
    assert status == 422 and sentence in said["error"]


def test_the_customer_comes_from_the_key_alone(service: Service) -> None:
    claim = {"customer": 1, "app": 1, "key": "x"}
    forged = cmcd_line("mine", 3, "sn=0,sta=p,v=2,customer=1,app=1", **claim)
    assert post(service, "/v1/cmcd-log?customer=1&app=1", [forged], key="social_secret")[0] == 200
    assert post(service, "/v1/cdn-log?format=aliyun&customer=1", [aliyun_line(**claim)], key="social_secret")[0] == 200
    for path in ("/v1/cmcd-log", "/v1/cdn-log"):
        assert service.request("POST", path, forged.encode())[0] == 401
        assert service.request("POST", f"{path}/nobody", forged.encode())[0] == 401


def test_what_viewers_write_stays_text(service: Service) -> None:
    lines = [
        cmcd_line("scripted", 4, f'sn=0,sta=p,cid="{SCRIPT}",v=2', http_user_agent=SCRIPT, host=SCRIPT),
        cmcd_line("scripted", 5, "sn=1,sta=p,v=2", request_uri=f"/{SCRIPT}/1.ts?CMCD=sid%3D%22scripted%22%2Csn%3D1"),
    ]
    assert post(service, "/v1/cmcd-log", lines)[1]["rejected"] == 0
    assert post(service, "/v1/cdn-log?format=aliyun", [aliyun_line(uri=f"/live/{SCRIPT}.flv", domain=SCRIPT)])[0] == 200


def test_a_body_of_too_many_lines_is_refused(service: Service) -> None:
    status, said = post(service, "/v1/cmcd-log", ["{}"] * 2_002)
    assert status == 400 and "more than 2,000 lines" in said["error"]
    assert post(service, "/v1/cmcd-log", [])[0] == 400


def test_a_batch_of_one_name_counts_once(service: Service) -> None:
    line = json.dumps({"unixtime": now_ms() / 1000, "domain": "named", "return_code": 200})
    other = json.dumps({"unixtime": now_ms() / 1000, "domain": "named", "return_code": 201})
    assert post(service, "/v1/cdn-log?format=aliyun", [line], Idempotency_Key="b-1")[1]["duplicates"] == 0
    assert post(service, "/v1/cdn-log?format=aliyun", [other], Idempotency_Key="b-1")[1]["duplicates"] == 1


@pytest.fixture(scope="module")
def stored(service: Service) -> Service:
    """After all of the above and a restart, in which it all came once more: down, so that its rows can be read."""
    service.kill()
    service.start()
    service.wait_for_key()
    assert post(service, "/v1/cmcd-log", CAPTURED)[1]["duplicates"] == 39
    service.stop()
    return service


def sums(service: Service, session: str, columns: str, where: str = "1") -> list[Any]:
    return service.telemetry(f"SELECT {columns} FROM samples WHERE session = '{session}' AND {where}")[0]


def test_every_request_of_the_capture_is_in_its_session(stored: Service) -> None:
    rows = stored.telemetry(
        f"SELECT session, sum(opened), count(), sum(bytes) FROM samples WHERE startsWith(session, '{SID}') "
        "AND source = 'cmcd-log' GROUP BY session"
    )
    ends = {"093135": 8, "125365": 4, "148920": 1, "174275": 7, "183905": 8, "192935": 8, "264303": 1, "273781": 2}
    assert {row[0]: row[1:3] for row in rows} == {f"{SID}{end}": [1, count] for end, count in ends.items()}
    assert sum(row[3] for row in rows) == sum(json.loads(line)["b"] for line in CAPTURED)
    facts = sums(stored, f"{SID}093135", "any(stream), any(protocol), any(role), any(code)")
    assert facts == ["room1", "hls", "audience", "200"]


def test_states_of_the_capture(stored: Service) -> None:
    # hls.js v2: waiting at :53, playing from :55, the last request at :59.
    assert sums(stored, f"{SID}093135", "sum(play_ms), sum(stall_ms), sum(stall_count)") == [4000, 0, 0]
    assert sums(stored, f"{SID}093135", "count(), max(elapsed_ms)", "event = 'first_frame'") == [1, 0]
    # dash.js v1: a playlist without `su` does not say that anything plays.
    assert sums(stored, f"{SID}174275", "sum(play_ms), countIf(event = 'first_frame')") == [0, 0]
    # hls.js v1 by header: the buffer is told at the last request, after waiting.
    assert sums(stored, f"{SID}183905", "sum(play_ms), countIf(event = 'first_frame')") == [0, 1]
    # dash.js v2 tells how long its start took, but not while it is still starting.
    assert sums(stored, f"{SID}273781", "max(elapsed_ms)", "event = 'first_frame'") == [517]
    assert sums(stored, f"{SID}264303", "count()", "event = 'first_frame'") == [0]


def test_stalls_that_are_told_are_counted(stored: Service) -> None:
    assert sums(stored, "v1", "sum(stall_count), sum(stall_ms), sum(play_ms)") == [1, 0, 11_000]
    assert sums(stored, "h2", "sum(stall_count), sum(stall_ms), sum(play_ms)") == [1, 1500, 4500]
    assert sums(stored, "combined", "any(os), any(code), any(bytes)") == ["Android 14", "206", 4321]


def test_where_events_tell_the_log_adds_bytes_alone(stored: Service) -> None:
    found = sums(stored, "both", "sum(play_ms), sum(stall_ms), sum(stall_count), sum(opened), sum(bytes)")
    assert found == [5000 + 13_500, 500, 1, 1, 80_000]
    standing = "sum(sign), sumIf(elapsed_ms * sign, event = 'first_frame')"
    assert sums(stored, "both", standing, "event = 'first_frame'") == [1, 1000]


def test_what_was_served(stored: Service) -> None:
    rows = stored.telemetry(
        "SELECT cdn, domain, stream, sum(requests), sum(requests_failed), sum(served_bytes), max(elapsed_ms), "
        "sum(opened), uniq(session), any(user), any(province), any(carrier) FROM samples "
        "WHERE event = 'served' AND domain LIKE '%.starlight.example' AND line != 0 AND stream LIKE 'room%' "
        "AND app = (SELECT any(app) FROM samples WHERE session = 'in-cdn') GROUP BY ALL ORDER BY cdn"
    )
    assert rows == [
        ["aliyun", "pull.starlight.example", "room1", 4, 1, 8_000_000, 80, 0, 2, "", "", ""],
        ["tencent", "tx.starlight.example", "room2", 2, 0, 18_000, 0, 0, 1, "", "Guangdong", "China Telecom"],
    ]
    assert stored.telemetry("SELECT stream, protocol, served_bytes FROM samples WHERE cdn = 'own'") == [
        ["room3", "hls", 5]
    ]
    assert sums(stored, "in-cdn", "sum(opened), sum(bytes), any(stream)", "event != 'served'") == [1, 2_000_000, ""]
    assert stored.telemetry("SELECT count() FROM samples WHERE domain = 'named'") == [[1]]
    assert stored.telemetry("SELECT count() FROM sessions WHERE startsWith(session, 'cdn/')") == [[0]]


def test_no_row_went_to_another_customer(stored: Service) -> None:
    (owner,) = stored.telemetry("SELECT DISTINCT customer, app FROM samples WHERE session = 'mine'")
    (other,) = stored.telemetry("SELECT DISTINCT customer, app FROM samples WHERE session = 'both'")
    assert owner[0] != other[0] and owner[1] != other[1]
    assert stored.telemetry("SELECT count() FROM samples WHERE customer = 0 OR app = 0") == [[0]]


def test_no_address_and_no_token_is_stored(stored: Service) -> None:
    everything = json.dumps(stored.telemetry("SELECT * EXCEPT (received, ts) FROM samples"), default=str)
    refused = json.dumps(stored.telemetry("SELECT reason, excerpt FROM rejects"))
    assert "GET /live/a.ts?auth_key=\\u2026&CMCD=bl%3D%28 HTTP" in refused
    everything += refused
    for secret in ("203.0.113", "192.0.2", "2001:db8", "secret-token", "auth=x"):
        assert secret not in everything


def test_scripts_come_back_as_text(stored: Service) -> None:
    assert sums(stored, "scripted", "any(stream), any(domain)", "stream != ''") == [SCRIPT, SCRIPT]
