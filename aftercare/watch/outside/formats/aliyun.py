"""Aliyun CloudMonitor (云监控): the callback of a threshold alert rule.

Fields: https://help.aliyun.com/document_detail/60714.html. `alertState` is OK, ALERT (ALARM in older rules) or
INSUFFICIENT_DATA; `triggerLevel` CRITICAL, WARN or INFO; `dimensions` is "{userId=…, instanceId=i-…}", or JSON in older
rules. It comes as a form, and from some regions as JSON under a form's content type. It waits 5 s and tries 3 times.
"""

import json
from collections.abc import Mapping
from typing import Any

from aftercare.watch.outside.formats.said import (
    IGNORED,
    Format,
    Said,
    State,
    hashed,
    lines,
    needed,
    object_of,
    one_of,
    text,
)

STATES = {
    "ok": State.OVER,
    "alert": State.FIRING,
    "alarm": State.FIRING,
    "insufficient_data": State.NEITHER,
}
LEVELS = {"critical": "red", "warn": "warning", "info": IGNORED}
ACCOUNT = "userId"  # whose cloud it is tells nothing of the trouble


def items(payload: Any, _mapping: Mapping[str, Any]) -> list[Any]:
    """The one alert."""
    return [payload]


def read(item: Any, _mapping: Mapping[str, Any]) -> Said:
    """One change of one rule over one instance."""
    told = object_of(item)
    name = needed(told.get("alertName") or told.get("ruleName"), "alertName")
    where = {key: value for key, value in dimensions_of(told.get("dimensions")).items() if key != ACCOUNT}
    instance, metric = text(told.get("instanceName")), text(told.get("metricName"))
    level = text(told.get("triggerLevel"))
    reading = " ".join(one for one in (metric, text(told.get("curValue"))) if one)
    return Said(
        fingerprint=hashed(text(told.get("ruleId")) or name, metric, where or instance),
        state=one_of(told.get("alertState"), "alertState", STATES),
        title=f"{name} ({instance})" if instance and instance not in name else name,
        level="" if level == "null" else level,
        body=lines(reading, text(told.get("expression"))),
        labels={**where, "namespace": text(told.get("namespace"))},
    )


def dimensions_of(value: Any) -> dict[str, str]:
    """`{userId=12, instanceId=i-1}`, or the same as JSON, in a list or not."""
    told = text(value)
    try:
        found = json.loads(told) if told else value
    except (ValueError, RecursionError):
        pairs = (pair.partition("=") for pair in told.strip("{}[]").split(","))
        return {name.strip(): part.strip() for name, equals, part in pairs if equals}
    found = found[0] if isinstance(found, list) and found else found
    return {str(name): text(part) for name, part in found.items()} if isinstance(found, dict) else {}


FORMAT = Format(items, read, LEVELS)
