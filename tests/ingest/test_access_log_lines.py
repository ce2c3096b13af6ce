"""Lines of access logs: what is read from them, and that none, whatever a viewer wrote into it, does harm."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.keys import Key
from aftercare.ingest.logs.fields import SERVER, names_asked
from aftercare.ingest.logs.line import instant_ms, read_line
from aftercare.ingest.logs.requests import keys_of, report_of
from aftercare.ingest.logs.served import sample_of, stream_of
from aftercare.ingest.places import Places
from aftercare.kernel.errors import Refused
from tests.ingest.test_places import databases  # noqa: F401
from tests.smoke.web_server import WebServer

AT_MS = 1_795_400_103_806
KEY = Key("f", 1, 1, 30, 100, b"secret" * 6)
NOWHERE = Places()


def told(**fields: Any) -> str:
    return json.dumps({"msec": AT_MS / 1000, **fields})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_795_400_103, 1_795_400_103_000),
        ("1795400103.806", AT_MS),
        (AT_MS, AT_MS),
        (AT_MS * 1000, AT_MS),
        ("2026-11-23T02:15:03.806Z", 1_795_400_103_806),
        ("2026-11-23T10:15:03+08:00", 1_795_400_103_000),
        ("2026-11-23 02:15:03", 1_795_400_103_000),
        ("23/Nov/2026:02:15:03 +0000", 1_795_400_103_000),
    ],
)
def test_times(value: Any, expected: int) -> None:
    assert instant_ms(value) == expected


@pytest.mark.parametrize("value", ["", "noon", -1, float("inf"), True, [], {}, "1e400", "9" * 30])
def test_rejects_a_time_that_is_none(value: Any) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        instant_ms(value)


@pytest.mark.parametrize(
    ("path", "stream"),
    [
        ("/live/room1.flv", "room1"),
        ("/live/stream-123.flv", "stream-123"),
        ("/live/room1.m3u8", "room1"),
        ("/live/room1-404.ts", "room1"),
        ("/live/room1_404.ts", "room1"),
        ("/live/room1/index.m3u8", "room1"),
        ("/live/room1/404.ts", "room1"),
        ("/live/room1/chunk-stream0-00218.m4s", "room1"),
        ("/live/room1/media_0.m3u8", "room1"),
        ("/live/index.flv", "index"),
        ("/room1.ts", "room1"),
        ("/favicon.ico", ""),
        ("/live/room1", ""),
        ("", ""),
        ("/%E7%9B%B4%E6%92%AD/%E6%88%BF1.flv", "房1"),
    ],
)
def test_the_stream_of_a_path(path: str, stream: str) -> None:
    assert stream_of(path) == stream


def test_a_request_began_before_its_line_was_written() -> None:
    line = read_line(told(request_time="0.250, 0.306", upstream_header_time="0.010 : 0.020"), SERVER)
    assert (line.ended_ms, line.began_ms, line.first_byte_ms) == (AT_MS, AT_MS - 306, 20)
    names = names_asked(b"format=tencent")[1]
    line = read_line(json.dumps({"time": 1_795_400_103, "request_time": "500"}), names)
    assert (line.began_ms, line.ended_ms) == (1_795_400_103_000, 1_795_400_103_500)
    assert read_line(told(request_time="-"), SERVER).took_ms is None


@pytest.mark.parametrize(("said", "host"), [("a.example:8080", "a.example"), ("[2001:db8::1]:80", "[2001:db8::1]")])
def test_a_host_is_without_its_port(said: str, host: str) -> None:
    assert read_line(told(host=said), SERVER).host == host


def test_unknown_is_not_zero() -> None:
    sample = sample_of(read_line(told(), SERVER), KEY, NOWHERE, cdn="", now_ms=AT_MS)
    assert (sample.elapsed_ms, sample.code) == (0, "")
    sample = sample_of(read_line(told(uht=0, status=200), SERVER), KEY, NOWHERE, cdn="", now_ms=AT_MS)
    assert (sample.elapsed_ms, sample.code) == (1, "200")


@pytest.mark.parametrize(
    "fields",
    [
        {"request_uri": "/1.ts?a=b&CMCD=sid%3D%22s%22%2Csn%3D1"},
        {"uri": "https://cdn.example/1.ts?CMCD=sid%3D%22s%22%2Csn%3D1&z"},
        {"uri": "/1.ts", "args": "CMCD=sid%3D%22s%22%2Csn%3D1"},
        {"request": "GET /1.ts?CMCD=sid%3D%22s%22%2Csn%3D1 HTTP/1.1"},
        {"arg_CMCD": "sid%3D%22s%22%2Csn%3D1"},
        {"cmcd": 'sid="s",sn=1'},
        {"CMCD-Session": 'sid="s"', "CMCD-Request": "sn=1", "CMCD-Object": "-", "CMCD-Status": ""},
        {"http_cmcd_status": 'sn=1,sid="s"'},
    ],
)
def test_cmcd_is_found_where_it_stands(fields: dict[str, str]) -> None:
    assert keys_of(read_line(told(**fields), SERVER)) == {"sid": "s", "sn": 1}


def test_one_request_logged_at_edge_and_parent_is_one() -> None:
    def line_hash(keys: str, **fields: Any) -> int:
        text = told(request_uri=f"/1.ts?CMCD={quote(keys)}", **fields)
        line = read_line(text, SERVER)
        return report_of(line, keys_of(line), text, NOWHERE, AT_MS).hash

    edge = line_hash('sid="s",sn=1', status=200, bytes=10, request_id="a")
    assert edge == line_hash('sid="s",sn=1', status=200, bytes=11, request_id="b")
    assert edge != line_hash('sid="s",sn=1', status=302, bytes=10)
    assert line_hash('sid="s"', request_id="a") == line_hash('sid="s"', request_id="a", more=1)
    assert line_hash('sid="s"', request_id="a") != line_hash('sid="s"', request_id="b")
    assert line_hash('sid="s"', bytes=1) != line_hash('sid="s"', bytes=2)


def test_a_viewer_is_one_by_address_and_browser_and_by_customer() -> None:
    def viewer(key: Key, **fields: Any) -> str:
        return sample_of(read_line(told(**fields), SERVER), key, NOWHERE, cdn="", now_ms=AT_MS).session

    one = {"remote_addr": "192.0.2.1", "http_user_agent": "x"}
    other = Key("f", 2, 2, 30, 100, b"another" * 6)
    assert viewer(KEY, **one) == viewer(KEY, **one, uri="/2.ts")
    assert len({viewer(KEY, **one), viewer(KEY, **one | {"http_user_agent": "y"}), viewer(other, **one)}) == 3
    assert len(viewer(KEY, **one)) <= 64 and "192" not in viewer(KEY, **one)


def test_the_place_is_the_clients_and_not_the_shippers(databases: tuple[Path, Path]) -> None:  # noqa: F811
    places = Places(city=databases[0], asn=databases[1])
    line = read_line(told(remote_addr="127.0.0.9", isp="Said"), SERVER)
    facts = sample_of(line, KEY, places, cdn="", now_ms=AT_MS).facts
    expected = places.find("127.0.0.9")
    assert facts and expected.country and (facts.country, facts.province) == (expected.country, expected.province)
    assert facts.carrier == "Said"


def test_a_real_nginx_writes_what_the_page_says_and_it_is_read(tmp_path: Path) -> None:
    web = WebServer(tmp_path / "nginx", "http://127.0.0.1:9")
    try:
        begun = time.time()
        for headers, query in (
            ({}, "?CMCD=" + quote('cid="a\\"b",sid="by-query",sn=7,v=2') + "&token=x"),
            ({"CMCD-Session": 'sid="by-header",v=2', "CMCD-Request": 'nor=("2.ts"),sn=8'}, ""),
        ):
            asked = Request(f"{web.base}/live/1.ts{query}", headers={"User-Agent": 'a"b\\c\t', **headers})  # noqa: S310
            with pytest.raises(HTTPError, match="502"):
                urlopen(asked, timeout=10)  # noqa: S310
        texts = []
        while len(texts) < 3 and time.time() < begun + 10:
            texts = web.log.read_text().splitlines()
    finally:
        web.close()
    by_query, by_header = (read_line(text, SERVER) for text in texts[1:])
    assert keys_of(by_query) == {"cid": 'a"b', "sid": "by-query", "sn": 7, "v": 2}
    assert keys_of(by_header) == {"sid": "by-header", "v": 2, "nor": ["2.ts"], "sn": 8}
    for line in (by_query, by_header):
        assert (line.status, line.host, line.path, line.address) == (502, "127.0.0.1", "/live/1.ts", "127.0.0.1")
        assert begun * 1000 - 1000 <= line.began_ms <= line.ended_ms <= begun * 1000 + 10_000
        assert line.bytes > 0 and line.took_ms is not None and line.agent == 'a"b\\c\t' and len(line.id) == 32


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40))
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.sampled_from(("-", "200", "0.1, 0.2", 'sid="a"', str(AT_MS)))
)
NAMES = st.sampled_from(sorted({name for names in SERVER.values() for name in names}))


@given(fields=st.dictionaries(NAMES, VALUES, max_size=8), cmcd=st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_fields_are_read_or_refused(fields: dict[str, Any], cmcd: str) -> None:
    require_read_or_refused(json.dumps({"msec": AT_MS / 1000, "args": f"CMCD={quote(cmcd)}"} | fields))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    require_read_or_refused(text)
    require_read_or_refused(f'192.0.2.1 - - [23/Nov/2026:02:15:03 +0000] "{text}" 200 1 "{text}" "{text}"')


@pytest.mark.long
@given(fields=st.dictionaries(NAMES, VALUES, max_size=12), text=st.text(max_size=400))
@settings(max_examples=20_000, deadline=None)
def test_any_line_at_length(fields: dict[str, Any], text: str) -> None:
    require_read_or_refused(json.dumps({"msec": AT_MS / 1000, "args": f"CMCD={quote(text)}"} | fields))
    require_read_or_refused(text)


def require_read_or_refused(text: str) -> None:
    """Whatever a line is, it becomes rows within their bounds, or a sentence."""
    try:
        line = read_line(text, SERVER)
        sample = sample_of(line, KEY, NOWHERE, cdn="", now_ms=AT_MS)
        assert sample.session.startswith("cdn/") and len(sample.session) <= 64
        assert 0 <= sample.served_bytes <= 10**12 and 0 <= sample.elapsed_ms <= 86_400_000 and len(sample.code) <= 3
        keys = keys_of(line)
        report = report_of(line, keys, text, NOWHERE, AT_MS)
        assert 0 < len(report.session) <= 64 and report.point is not None and report.hash
        json.dumps(report.keys).encode()
    except Refused as refused:
        assert refused.sentence


@pytest.mark.parametrize(
    "line",
    [
        "1 - - [" + "x" * 60_000,
        '1 - - [t] "' + "\\x22" * 15_000,
        '1 - - [t] "G" 200 1 "' + '\\"' * 30_000 + '"',
        told(uri="/" + "a-1_" * 15_000 + ".ts"),
        told(uri="/" + "chunk" + "-" * 60_000 + ".ts"),
        told(uri="/?" + "&" * 60_000),
        told(msec="1" * 60_000),
        told(cmcd='sid="' + "\\" * 30_000),
    ],
)
def test_no_line_takes_longer_than_its_length(line: str) -> None:
    begun = time.process_time()
    require_read_or_refused(line)
    assert time.process_time() - begun < 0.1
