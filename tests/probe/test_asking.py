"""HTTP APIs, names, certificates and domains against local doubles."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.probe.authority import Authority
from tests.probe.doubles import Web, inside, look, slowly
from tests.probe.names_double import NameServer, over_https


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.close()


@pytest.fixture(scope="module")
def server() -> NameServer:
    return NameServer()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class TestApi:
    def test_it_works(self, web: Web) -> None:
        web.say("/v1/rooms", {"data": {"code": 0, "rooms": [{"id": "r1"}]}}, Content_Type="application/json")
        expect = {"status": 200, "headers": {"Content-Type": "application/json"}, "under_ms": 20_000}
        values = {"data.code": 0, "data.rooms.0.id": "r1", "data.nothing": None}
        outcome = look("http_api", f"{web.base}/v1/rooms?a=b", **expect, json=values)
        assert (outcome.code, outcome.seen.event, outcome.seen.status) == ("ok", "response", "200")
        assert [step.code for step in outcome.steps] == ["dns", "tcp", "first_byte", "body"]
        assert web.asked == ["/v1/rooms?a=b"]

    @pytest.mark.parametrize(
        ("expect", "code", "reason"),
        [
            ({"status": 204}, "http_200", "answered 200, not 204"),
            ({"headers": {"X-Version": "2"}}, "header", "X-Version is missing, not '2'"),
            ({"json": {"data.code": 1}}, "json", "data.code is 0, not 1"),
            ({"json": {"data.code": False}}, "json", "data.code is 0, not False"),
            ({"json": {"data.list.7": 1}}, "json", "data.list.7 is missing, not 1"),
        ],
    )
    def test_rejects_what_is_not_expected(self, web: Web, expect, code, reason) -> None:
        web.say("/v1", {"data": {"code": 0, "list": [1]}})
        found, run = inside("http_api", f"{web.base}/v1", **expect)
        assert found == code and run.seen.event == "response"
        assert reason in look("http_api", f"{web.base}/v1", **expect).reason

    def test_rejects_errors_slowness_and_what_is_not_json(self, web: Web) -> None:
        web.say("/broken", b"no", status=503)
        assert inside("http_api", f"{web.base}/broken")[0] == "http_503"
        web.say("/text", b"<html>")
        assert inside("http_api", f"{web.base}/text", json={"a": 1})[0] == "not_json"
        web.answers["/slow"] = slowly(b"x" * 40, 100, kind="text/plain")
        assert inside("http_api", f"{web.base}/slow", under_ms=100)[0] == "slow"

    def test_follows_redirects_and_keeps_what_it_reads_bounded(self, web: Web) -> None:
        web.say("/here", b"", status=302, Location="/there")
        web.say("/there", b"x" * (3 << 20))
        code, run = inside("http_api", f"{web.base}/here")
        assert code == "ok" and run.seen.fields["bytes"] == 1 << 20


class TestNames:
    def test_it_works(self, server: NameServer) -> None:
        expect = {"resolver": server.address, "answers": ["192.0.2.0/24"]}
        outcome = look("dns", "live.example.com", **expect)
        assert outcome.code == "ok" and [step.code for step in outcome.steps] == ["query"]
        assert outcome.seen.detail["answers"] == ["192.0.2.10", "192.0.2.11"]

    @pytest.mark.parametrize(
        ("name", "expect", "code"),
        [
            ("live.example.com", {"answers": ["192.0.2.10", "192.0.2.11"]}, "ok"),
            ("live.example.com", {}, "ok"),
            ("live.example.com", {"answers": ["192.0.2.10"]}, "hijacked"),
            ("live.example.com", {"answers": ["198.51.100.0/24"]}, "hijacked"),
            ("pull.example.com", {"type": "CNAME", "answers": ["pull.example.com.cdn.example.net"]}, "ok"),
            ("pull.example.com", {"type": "CNAME", "answers": ["other.example.net"]}, "hijacked"),
            ("pull.example.com", {"type": "AAAA"}, "no_answer"),
            ("nobody.example.com", {}, "nxdomain"),
        ],
    )
    def test_answers_are_held_against_those_expected(self, server: NameServer, name, expect, code) -> None:
        assert inside("dns", name, resolver=server.address, **expect)[0] == code

    def test_dns_over_https(self, web: Web) -> None:
        web.answers["/dns-query"] = over_https
        expect = {"httpdns": f"{web.base}/dns-query"}
        assert inside("dns", "live.example.com", **expect, answers=["192.0.2.0/24"])[0] == "ok"
        assert inside("dns", "live.example.com", **expect, answers=["203.0.113.1"])[0] == "hijacked"
        assert inside("dns", "nobody.example.com", **expect)[0] == "no_answer"

    def test_the_vendors_own_httpdns(self, web: Web) -> None:
        web.say("/1234/d", {"host": "live.example.com", "ips": ["192.0.2.10"], "ttl": 60, "client_ip": "198.51.100.7"})
        web.say("/d", b"192.0.2.10;192.0.2.11,60")
        aliyun = f"{web.base}/1234/d?host={{name}}"
        code, run = inside("dns", "live.example.com", httpdns=aliyun, answers=["192.0.2.10"])
        assert code == "ok" and run.seen.detail["answers"] == ["192.0.2.10"]
        assert web.asked[-1] == "/1234/d?host=live.example.com"
        tencent = f"{web.base}/d?dn={{name}}"
        assert inside("dns", "live.example.com", httpdns=tencent, answers=["192.0.2.10"])[0] == "hijacked"
        web.say("/d", b"")
        assert inside("dns", "live.example.com", httpdns=tencent)[0] == "no_answer"

    def test_a_private_resolver_is_not_asked(self, server: NameServer, web: Web) -> None:
        assert inside("dns", "live.example.com", allow_private=False, resolver=server.address)[0] == "private_address"
        doh = f"{web.base}/dns-query"
        assert inside("dns", "live.example.com", allow_private=False, httpdns=doh)[0] == "private_address"
        assert web.asked == []


class TestExpiry:
    @pytest.mark.parametrize(
        ("host", "days", "code"),
        [
            ("localhost", 90.5, "ok"),
            ("localhost", 10.5, "expires_soon"),
            ("localhost", -1, "certificate"),
            ("live.example.com", 90, "certificate"),
        ],
    )
    def test_certificates(self, authority: Authority, monkeypatch: pytest.MonkeyPatch, host, days, code) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        web = Web(tls=authority.issue(host, days=days))
        try:
            found, run = inside("certificate", f"localhost:{web.port}")
        finally:
            web.close()
        assert found == code
        if code != "certificate":
            assert run.seen.detail["days_left"] == int(days)

    def test_a_certificate_of_nobody_we_know_is_refused(self, authority: Authority) -> None:
        web = Web(tls=authority.issue("localhost", days=90))
        try:
            outcome = look("certificate", f"localhost:{web.port}")
        finally:
            web.close()
        assert outcome.code == "certificate" and outcome.steps[-1].code == "tls" and outcome.steps[-1].failed

    def test_hls_over_tls(self, authority: Authority, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        web = Web(media, tls=authority.issue("localhost", days=90))
        try:
            outcome = look("hls", f"{web.base}/index.m3u8", watch_s=2)
        finally:
            web.close()
        assert outcome.code == "ok", outcome
        assert [step.code for step in outcome.steps][:4] == ["dns", "tcp", "tls", "first_byte"]
        assert outcome.seen.fields["frames"] > 20

    def test_a_segments_host_must_be_who_it_says(
        self, authority: Authority, media: Path, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The playlist comes by plain HTTP, its segments from a host whose certificate is of somebody else."""
        other = Web(media, tls=authority.issue("live.example.com", days=90))
        playlist = (media / "index.m3u8").read_text().replace("index", f"{other.base}/index")
        web.say("/mixed.m3u8", playlist.encode())
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        try:
            outcome = look("hls", f"{web.base}/mixed.m3u8", watch_s=2)
        finally:
            other.close()
        assert outcome.code == "certificate" and outcome.seen.event == "", outcome
        assert other.asked == []

    @pytest.mark.parametrize(
        ("days", "least", "code"),
        [(200, None, "ok"), (20, None, "expires_soon"), (20, 10, "ok"), (-3, None, "expired")],
    )
    def test_domains(self, web: Web, days: int, least: int | None, code: str) -> None:
        ends = datetime.now(UTC) + timedelta(days=days, hours=1)
        events = [{"eventAction": "registration", "eventDate": "1999-01-01T00:00:00Z"}]
        events.append({"eventAction": "expiration", "eventDate": ends.strftime("%Y-%m-%dT%H:%M:%SZ")})
        web.say("/rdap/domain/example.com", {"objectClassName": "domain", "events": events})
        expect = {"least_days": least} if least else {}
        assert inside("domain", "example.com", rdap=f"{web.base}/rdap", **expect)[0] == code

    def test_what_rdap_does_not_tell_is_not_guessed(self, web: Web) -> None:
        web.say("/domain/example.com", {"events": [{"eventAction": "registration", "eventDate": "x"}]})
        assert inside("domain", "example.com", rdap=web.base)[0] == "no_expiry"
        web.say("/domain/example.com", [])
        assert inside("domain", "example.com", rdap=web.base)[0] == "no_expiry"
        assert inside("domain", "gone.example.com", rdap=web.base)[0] == "unregistered"
