"""Whatever is posted, a format reads it or says why not: it never breaks, and what it gives can be kept."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.kernel.errors import Refused
from aftercare.watch.models import AlertSource
from aftercare.watch.outside.payloads import LONGEST, MOST_LABELS, decode, read_payload
from aftercare.watch.outside.redacting import LONGEST_KEPT, without_secrets
from tests.alerts.outside import MAPPING, alertmanager, aliyun, grafana, nightingale, own, tencent, zabbix

WELL = {
    "alertmanager": alertmanager(),
    "grafana": grafana(),
    "nightingale": nightingale(),
    "zabbix": zabbix(),
    "aliyun": aliyun(),
    "tencent": tencent(),
    "json": own(),
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300)
ANYTHING = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=8), one, max_size=4)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything inside a payload."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        found += places(one, (*path, name))
    return found


def changed(payload: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The payload with something else in one place."""
    payload = copy.deepcopy(payload)
    here = payload
    for name in path[:-1]:
        here = here[name]
    here[path[-1]] = value
    return payload


def holds(kind: str, payload: Any) -> None:
    """What is read of it can be kept, whatever it is."""
    source = AlertSource(kind=kind, mapping=MAPPING, severities={})
    read = read_payload(source, decode(json.dumps(payload).encode()))
    for told in read.firing.values():
        assert told.title and len(told.title) <= LONGEST["title"] and len(told.body) <= LONGEST["body"]
        assert len(told.labels) <= MOST_LABELS and told.severity in ("red", "warning")
        assert not told.link or told.link.startswith(("http://", "https://"))
        kept = json.dumps([told.fingerprint, told.title, told.body, told.labels], ensure_ascii=False).encode()
        assert b"\x00" not in kept and len(told.fingerprint) <= LONGEST["fingerprint"]


@pytest.mark.parametrize("kind", WELL)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_payload_with_anything_in_any_place(kind: str, data: st.DataObject) -> None:
    payload = WELL[kind]
    path = data.draw(st.sampled_from(places(payload)))
    holds(kind, changed(payload, path, data.draw(ANYTHING)))


@pytest.mark.parametrize("kind", WELL)
@settings(max_examples=80, deadline=None)
@given(payload=ANYTHING)
def test_anything_at_all(kind: str, payload: Any) -> None:
    holds(kind, payload)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    try:
        decode(body)
    except Refused as refused:
        assert refused.sentence
    assert len(without_secrets(body)) <= LONGEST_KEPT + 1
