"""Tencent Cloud Observability Platform (腾讯云可观测平台): the API callback of an alarm policy.

Fields: https://cloud.tencent.com/document/product/248/50409 (English: tencentcloud.com/document/product/248/38919).
`alarmStatus` is "1" or 1 while it lasts and "0" when it is over; `alarmType` is metric or event. A firing and its
recovery have different sessionIds, so an alarm is named by its policy, its metric or event, and its object. It carries
no level: everything is a warning until the source says otherwise of a policy's name. It waits 5 s and tries 3 times;
older policies want their sessionId back with "retCode": 0, which the door answers. It signs nothing.
"""

from collections.abc import Mapping
from typing import Any

from aftercare.watch.outside.formats.said import (
    Format,
    Said,
    State,
    hashed,
    lines,
    needed,
    object_of,
    one_of,
    part,
    text,
)

STATES = {"1": State.FIRING, "0": State.OVER}
NAMES = ("objId", "unInstanceId")  # either names the object; what else is there may change its name meanwhile
SHOWN_NAMES = ("deviceName", "objName", "unInstanceId", "objId")


def items(payload: Any, _mapping: Mapping[str, Any]) -> list[Any]:
    """The one alarm."""
    return [payload]


def read(item: Any, _mapping: Mapping[str, Any]) -> Said:
    """One change of one alarm."""
    alarm = object_of(item)
    about, policy = part(alarm, "alarmObjInfo"), part(alarm, "alarmPolicyInfo")
    where, asked = part(about, "dimensions"), part(policy, "conditions")
    what = needed(asked.get("metricName") or asked.get("eventName"), "alarmPolicyInfo.conditions.metricName")
    name = text(policy.get("policyName"))
    known = [text(where.get(key)) for key in NAMES if text(where.get(key))]
    scalars = {key: text(value) for key, value in where.items() if text(value)}
    shown = next((text(where.get(key)) for key in SHOWN_NAMES if text(where.get(key))), "")
    title = text(asked.get("metricShowName") or asked.get("eventShowName")) or what
    return Said(
        fingerprint=hashed(text(policy.get("policyId")) or name, what, known[:1] or scalars),
        state=one_of(alarm.get("alarmStatus"), "alarmStatus", STATES),
        title=" ".join(one for one in (title, f"({shown})" if shown else "") if one),
        level=name,
        body=lines(name, text(policy.get("policyTypeCName")), reading_of(asked), said_besides(alarm)),
        labels={"region": text(about.get("region")), "namespace": text(about.get("namespace")), **scalars},
    )


def reading_of(asked: dict[str, Any]) -> str:
    """What was measured against what: `100% > 90%`."""
    value, unit = text(asked.get("currentValue")), text(asked.get("unit"))
    against, than = text(asked.get("calcValue")), text(asked.get("calcType"))
    if not value:
        return ""
    limit = f" {than} {against}{text(asked.get('calcUnit')) or unit}" if against else ""
    return f"{value}{unit}{limit}"


def said_besides(alarm: dict[str, Any]) -> str:
    """`additionalMsg` of an event."""
    rows = alarm.get("additionalMsg")
    told = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return "\n".join(f"{text(row.get('key'))}: {text(row.get('value'))}" for row in told if text(row.get("value")))


FORMAT = Format(items, read, {})
