"""The address of a heartbeat at a real server: whatever a job sends counts, and a stranger's call costs nothing."""

import http.client
import time

import pytest

from tests.service import Service


@pytest.fixture(scope="module")
def paths(service: Service) -> list[str]:
    return service.add_heartbeats(12, every_s=3600)


def test_whatever_a_job_sends(service: Service, paths: list[str]) -> None:
    for n, method in enumerate(("GET", "HEAD", "POST", "PUT")):
        status, said, _ = service.request(method, paths[n])
        assert status == 200 and said == (b"" if method == "HEAD" else b"OK\n")
    assert service.request("DELETE", paths[0])[0] == 405
    assert service.request("POST", f"{paths[4]}/start?rid=a")[0] == 200
    assert service.request("POST", f"{paths[4]}/0?rid=a", b"done \x00\xff")[0] == 200
    assert service.request("GET", f"{paths[5]}?rid={'x' * 65}")[1].startswith(b"OK, but without its run id")
    kept = service.pings()["heartbeats"]
    assert [kept[path]["kind"] for path in paths[:6]] == ["ok"] * 6
    assert kept[paths[4]]["pings"] == 2


def test_a_body_that_is_too_large_does_not_lose_the_ping(service: Service, paths: list[str]) -> None:
    assert service.request("POST", paths[6], b"x" * 3_000_000)[0] == 200
    assert service.pings()["heartbeats"][paths[6]]["pings"] == 1


def test_a_failure_alerts_within_a_moment(service: Service, paths: list[str]) -> None:
    assert service.request("GET", f"{paths[7]}/1")[0] == 200
    service.wait_until(lambda: service.pings()["heartbeats"][paths[7]]["status"] == "down")
    assert service.request("GET", paths[7])[0] == 200
    service.wait_until(lambda: service.pings()["heartbeats"][paths[7]]["status"] == "up")
    assert service.pings()["alerts"] == 1


def test_a_strangers_key_is_told_so(service: Service, paths: list[str]) -> None:
    wrong = paths[0][:-1] + ("0" if paths[0][-1] != "0" else "1")
    for path in (wrong, f"{wrong}/start", "/ping/", "/ping/x", f"{paths[0]}/nope", f"{paths[0]}/256", "/ping/%00"):
        status, said, _ = service.request("POST", path, b"x")
        assert status == 404 and b"ping" not in said.replace(b"heartbeat", b""), path
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.putrequest("POST", wrong)
    connection.putheader("Content-Length", "1000000000")
    connection.endheaders()
    assert connection.getresponse().status == 404, "of a stranger nothing is read"
    assert time.monotonic() - begun < 5
    connection.close()


def test_a_flood_of_one_key_is_bounded(service: Service, paths: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    for _ in range(150):
        connection.request("GET", paths[8])
        assert connection.getresponse().read() == b"OK\n"
    connection.close()
    told = service.pings()["heartbeats"][paths[8]]
    assert told["pings"] == 150
    assert len(service.all_run_ids()[paths[8]]) < 60, "what is said several times in a second is one row that counts"
