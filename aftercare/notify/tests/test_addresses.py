"""Webhooks never lead into the private network, however the address is written."""

import ipaddress
import socket
from typing import Any

import pytest

from aftercare.kernel.calls import NotSent, Step, checked
from aftercare.kernel.errors import Refused
from aftercare.kernel.outbound import is_public
from aftercare.notify.adapters import addresses
from aftercare.notify.adapters.calling import outcome_of
from aftercare.notify.outcome import Verdict


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1:8080/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://168.63.129.16/metadata/instance",
        "http://100.100.100.200/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://224.0.0.1/",
    ],
)
def test_private_addresses_are_refused(url: str) -> None:
    with pytest.raises(NotSent) as told:
        checked(url, is_public)
    assert told.value.step in (Step.ADDRESS, Step.NAME)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://",
        "https://user:secret@example.com/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://example.com:99999/",
        "not an address",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        addresses.parse(url)


def resolves_to(*found: str) -> Any:
    return lambda *args, **kwargs: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in found]


def test_a_name_is_pinned_to_what_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolves_to("93.184.215.14"))
    target = checked("https://hooks.example.com/a?b=c", is_public)
    assert (target.host, target.pinned, target.path) == ("hooks.example.com", "93.184.215.14", "/a?b=c")


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolves_to("93.184.215.14", "10.0.0.1"))
    with pytest.raises(NotSent) as told:
        checked("https://hooks.example.com/", is_public)
    outcome = outcome_of(told.value)
    assert outcome.verdict == Verdict.PERMANENT and "private network" in outcome.error


def test_public_addresses_are_public() -> None:
    for text in ("8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"):
        assert is_public(ipaddress.ip_address(text))
