"""POST /api/v1/write: what a Prometheus sends is kept as it was sent, once, and answered as its specification says."""

import math
import struct
from typing import Any

import cramjam

from tests.prometheus import P, histogram, packed, write_request, write_request_2
from tests.service import Service, now_ms

DAY_MS = 86_400_000
KIND_1 = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
KIND_2 = {"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request", "Content-Encoding": "snappy"}
WRITTEN = "x-prometheus-remote-write-samples-written"
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


def write(service: Service, body: bytes, kind: dict[str, str] = KIND_1, key: str = "show_secret") -> Any:
    status, said, headers = service.request("POST", "/api/v1/write", body, {**service.bearer(key), **kind})
    return status, said.decode() if isinstance(said, bytes) else said, headers


# What must be stored of each name in the end, as (labels, milliseconds, value): the engine has one owner, so that it
# can be read only when the server is down.
EXPECTED: dict[str, list[tuple[str, int, float]]] = {}


def test_it_works(service: Service) -> None:
    at = now_ms()
    series = [({"__name__": "up_works", "job": "edge", "n": str(n)}, [(float(n), at)]) for n in range(3)]
    status, said, headers = write(service, packed(write_request(series)))
    assert (status, said, headers[WRITTEN]) == (204, "", "3")
    # The second scrape comes the quick way: its series are known by their bytes.
    later = [(labels, [(value + 0.5, at + 15_000)]) for labels, [(value, _)] in series]
    assert write(service, packed(write_request(later)))[0] == 204
    EXPECTED["up_works"] = [
        (f"{{'job':'edge','n':'{n}'}}", at + more, n + extra)
        for n in range(3)
        for more, extra in ((0, 0), (15_000, 0.5))
    ]


def test_takes_several_samples_of_one_series_and_negative_values(service: Service) -> None:
    at = now_ms()
    labels = {"__name__": "temperature", "room": "机房"}
    samples = [(-1.5, at - 2000), (math.inf, at - 1000), (0.0, at)]
    assert write(service, packed(write_request([(labels, samples)])))[0] == 204
    EXPECTED["temperature"] = [("{'room':'机房'}", when, value) for value, when in samples]


def test_counts_a_body_sent_again_once(service: Service) -> None:
    at = now_ms()
    body = packed(write_request([({"__name__": "sent_again_total"}, [(5.0, at)])]))
    assert [write(service, body)[0] for _ in range(3)] == [204] * 3
    EXPECTED["sent_again_total"] = [("{}", at, 5.0)]


def test_what_nobody_knows_is_not_zero(service: Service) -> None:
    at = now_ms()
    body = packed(write_request([({"__name__": "gone"}, [(STALE, at), (math.nan, at + 1), (7.0, at + 2)])]))
    status, _, headers = write(service, body)
    assert (status, headers[WRITTEN]) == (204, "3")
    assert write(service, packed(write_request([({"__name__": "gone"}, [(STALE, at + 3)])])))[0] == 204
    EXPECTED["gone"] = [("{}", at + 2, 7.0)]


def test_keeps_the_good_series_beside_a_bad_one(service: Service) -> None:
    at = now_ms()
    cases: list[tuple[dict[str, str], int, str]] = [
        ({"job": "no-name"}, at, "without __name__"),
        ({"__name__": "x" * 300}, at, "1 to 200 characters"),
        ({"__name__": "long_label", "v": "y" * 2000}, at, "label v has 2000 characters"),
        ({"__name__": "many", **{f"l{n}": "v" for n in range(70)}}, at, "70 labels"),
        ({"__name__": "old"}, at - 8 * DAY_MS, "more than 7 days ago"),
        ({"__name__": "new"}, at + DAY_MS, "more than 10 minutes ahead"),
    ]
    for number, (labels, when, sentence) in enumerate(cases):
        good = [({"__name__": "good", "case": str(number), "side": side}, [(1.0, at)]) for side in "ab"]
        status, said, headers = write(service, packed(write_request([good[0], (labels, [(1.0, when)]), good[1]])))
        assert (status, headers[WRITTEN]) == (400, "2"), said
        assert said.startswith("2 kept, 1 not; series 2: ")
        assert sentence in said
    shown = "{{'case':'{}','side':'{}'}}"
    EXPECTED["good"] = [(shown.format(number, side), at, 1.0) for number in range(len(cases)) for side in "ab"]


def test_a_known_series_with_a_bad_time_is_named_too(service: Service) -> None:
    at = now_ms()
    labels = {"__name__": "clock_gone_wrong"}
    assert write(service, packed(write_request([(labels, [(1.0, at)])])))[0] == 204
    status, said, _ = write(service, packed(write_request([(labels, [(2.0, at - 9 * DAY_MS)])])))
    assert (status, "more than 7 days ago" in said) == (400, True)


def test_takes_version_2(service: Service) -> None:
    at = now_ms()
    series = [({"__name__": "v2_seconds", "le": le}, [(float(n), at)]) for n, le in enumerate(("1", "5"))]
    for more in (0, 1000):
        moved = [(labels, [(value, when + more)]) for labels, [(value, when)] in series]
        status, _, headers = write(service, packed(write_request_2(moved, {"v2_seconds": 1})), KIND_2)
        assert (status, headers[WRITTEN]) == (204, "2")
    EXPECTED["v2_seconds"] = [
        (f"{{'le':'{le}'}}", at + more, n) for n, le in enumerate(("1", "5")) for more in (0, 1000)
    ]


def test_version_2_names_a_reference_to_nothing(service: Service) -> None:
    request = write_request_2([({"__name__": "v2_good"}, [(1.0, now_ms())])])
    bad = request.timeseries.add()
    bad.labels_refs.extend((1, 99))
    bad.samples.add(value=1.0, timestamp=now_ms())
    status, said, headers = write(service, packed(request), KIND_2)
    assert (status, headers[WRITTEN], "refers to symbol 99" in said) == (400, "1", True)


def test_keeps_native_histograms(service: Service) -> None:
    at = now_ms()
    made = histogram({-1: 2, 0: 3, 4: 5}, at=at, total=90.5, zero=1)
    status, _, headers = write(service, packed(write_request([], [({"__name__": "latency"}, made)])))
    assert (status, headers["x-prometheus-remote-write-histograms-written"]) == (204, "1")


def test_refuses_what_is_no_remote_write(service: Service) -> None:
    good = write_request([({"__name__": "fine"}, [(1.0, now_ms())])])
    cases = [
        (good.SerializeToString(), KIND_1, 400, "snappy"),
        (packed(good)[:-3], KIND_1, 400, "snappy"),
        (packed(good), {**KIND_1, "Content-Encoding": "zstd"}, 415, "Content-Encoding"),
        (packed(good), {**KIND_1, "Content-Type": "application/json"}, 415, "Content-Type"),
        (packed(good), {**KIND_1, "Content-Type": "application/x-protobuf;proto=other"}, 415, "Content-Type"),
        (bytes(cramjam.snappy.compress_raw(good.SerializeToString()[:-4])), KIND_1, 400, "ends within a field"),
        (bytes(cramjam.snappy.compress_raw(b"\xff" * 40)), KIND_1, 400, "ends within a field"),
        (b"\xff\xff\xff\xff\x0f" + b"\x00" * 20, KIND_1, 400, "unpacked"),
    ]
    for body, kind, expected, word in cases:
        status, said, headers = write(service, body, kind)
        assert (status, word in said, headers[WRITTEN]) == (expected, True, "0"), (status, said)
    assert write(service, packed(P["WriteRequest"]()))[0] == 204


def test_requires_a_key(service: Service) -> None:
    body = packed(write_request([({"__name__": "whose", "customer": "1", "app": "1"}, [(1.0, now_ms())])]))
    assert service.request("POST", "/api/v1/write", body, KIND_1)[0] == 401
    assert write(service, body)[0] == write(service, body, key="social_secret")[0] == 204


def test_everything_is_kept_as_it_was_sent(service: Service) -> None:
    at = now_ms()
    labels = {"__name__": "through_a_kill", "job": "a"}
    assert write(service, packed(write_request([(labels, [(1.0, at)])])))[0] == 204
    service.kill()
    service.start()
    assert write(service, packed(write_request([(labels, [(2.0, at + 1)])])))[0] == 204
    EXPECTED["through_a_kill"] = [("{'job':'a'}", at, 1.0), ("{'job':'a'}", at + 1, 2.0)]
    service.stop()
    for name, rows in EXPECTED.items():
        found = service.telemetry(
            "SELECT toString(s.labels), toUnixTimestamp64Milli(p.ts), toString(any(p.value)) FROM points AS p "
            f"JOIN (SELECT DISTINCT id, labels FROM series WHERE name = '{name}') AS s ON s.id = p.series "
            "GROUP BY p.series, s.labels, p.ts ORDER BY 1, 2"
        )
        assert [(told, when, float(value)) for told, when, value in found] == rows, name
    # Bucket i of schema 0 holds what is above 2^(i-1) and at most 2^i.
    expected = [[11, 90.5, [-1e-9, 1e-9, 0.25, 0.5, 1, 8, 16], [0, 1, 0, 2, 3, 0, 5, 0]]]
    assert service.telemetry("SELECT count, sum, bounds, counts FROM distributions") == expected
    assert service.telemetry("SELECT DISTINCT kind FROM series WHERE name = 'v2_seconds'") == [["counter"]]
    # A restart knows them again: nothing is written down twice, and each customer has its own.
    assert service.telemetry("SELECT count(), uniqExact(id) FROM series WHERE name = 'through_a_kill'") == [[1, 1]]
    assert service.telemetry("SELECT uniqExact(customer, app, id) FROM series WHERE name = 'whose'") == [[2]]
    assert service.telemetry("SELECT count() FROM points WHERE customer = 0") == [[0]]
