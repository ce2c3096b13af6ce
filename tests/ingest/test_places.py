"""Addresses become country, province and carrier, and are kept nowhere."""

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from aftercare.ingest.places import NOWHERE, Places
from aftercare.ingest.samples import Facts
from aftercare.kernel.errors import Refused
from tests.service import Service, now_ms


@pytest.fixture
def databases(tmp_path: Path) -> tuple[Path, Path]:
    city, asn = MMDBWriter(), MMDBWriter()
    place = {"country": {"iso_code": "CN"}, "subdivisions": [{"names": {"en": "Guangdong", "zh-CN": "广东"}}]}
    for network in ("127.0.0.0/8", "203.0.113.0/24"):
        city.insert_network(IPSet([network]), place)
    asn.insert_network(IPSet(["127.0.0.0/8"]), {"autonomous_system_organization": "China Telecom"})
    city.to_db_file(str(tmp_path / "city.mmdb"))
    asn.to_db_file(str(tmp_path / "asn.mmdb"))
    return tmp_path / "city.mmdb", tmp_path / "asn.mmdb"


def test_it_works(databases: tuple[Path, Path]) -> None:
    places = Places(city=databases[0], asn=databases[1])
    assert places.find("127.0.0.1") == Facts(country="CN", province="Guangdong", carrier="China Telecom")
    assert places.find("198.51.100.7") == NOWHERE
    assert places.find("not an address") == NOWHERE


def test_believes_only_trusted_proxies(databases: tuple[Path, Path]) -> None:
    forged = "203.0.113.9, 198.51.100.7"
    assert Places(city=databases[0]).of_request("198.51.100.1", forged) == NOWHERE
    assert Places(city=databases[0], proxies=1).of_request("198.51.100.1", forged) == NOWHERE
    assert Places(city=databases[0], proxies=2).of_request("198.51.100.1", forged).country == "CN"


def test_rejects_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("not a database")
    with pytest.raises(Refused, match="cannot be read"):
        Places(city=tmp_path / "x")


def test_the_address_itself_is_stored_nowhere(databases: tuple[Path, Path], tmp_path: Path) -> None:
    city, asn = map(str, databases)
    service = Service(tmp_path / "data", AFTERCARE_GEOIP_CITY=city, AFTERCARE_GEOIP_ASN=asn)
    service.start()
    service.seed()
    at = now_ms()
    assert service.cmcd(f'cid="r",e=t,sid="placed",sn=0,ts={at},v=2\n')[0] == 204
    assert service.samples([{"session": "native", "ts": at, "interval_ms": 1000}])[0] == 200
    relayed = [{"session": f"relayed{i}", "ts": at, "interval_ms": 1000} for i in range(2)]
    assert service.samples(relayed)[0] == 200
    service.stop()
    rows = service.telemetry("SELECT session, country, province, carrier FROM samples ORDER BY session")
    there = ["CN", "Guangdong", "China Telecom"]
    unknown = ["", "", ""]
    assert rows == [["native", *there], ["placed", *there], ["relayed0", *unknown], ["relayed1", *unknown]]
    everything = service.telemetry("SELECT concat(toString(tuple(*)), '') FROM samples")
    service.close_reader()
    assert not any("127.0.0.1" in text for (text,) in everything)
