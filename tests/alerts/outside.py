"""Payloads as the vendors document them, in reduced form, and a sender of them."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from aftercare.accounts.models import App, Customer
from aftercare.watch.models import AlertSource
from aftercare.watch.outside.keeping import create_source
from aftercare.watch.outside.types import SourceFacts
from tests.world import World

MAPPING = {
    "list": "events",
    "title": "what.name",
    "body": "what.text",
    "severity": "level",
    "fingerprint": "id",
    "state": "state",
    "recovered": "ok, closed",
    "link": "url",
    "labels": "tags",
}


def alertmanager(status: str = "firing", *, severity: str = "critical", **labels: str) -> dict[str, Any]:
    """One alert of a group, version 4."""
    told = {"alertname": "ProbeFailure", "instance": "https://edge.example", "severity": severity, **labels}
    alert = {
        "status": status,
        "labels": told,
        "annotations": {"summary": "Probe failed: https://edge.example", "description": "Down for over 5m."},
        "startsAt": "2026-02-06T13:08:45.828Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=probe_success",
        "fingerprint": "1a30ba71cca2921f",
    }
    group = {"version": "4", "groupKey": '{}:{alertname="ProbeFailure"}', "truncatedAlerts": 0, "receiver": "aftercare"}
    return {**group, "status": status, "alerts": [alert], "externalURL": "http://alertmanager.example:9093"}


def grafana(status: str = "firing") -> dict[str, Any]:
    """One alert of Grafana's contact point."""
    alert = {
        "status": status,
        "labels": {"alertname": "High memory usage", "team": "blue", "severity": "critical"},
        "annotations": {"summary": "Memory of zone us-1 is high", "description": "The system has high memory usage"},
        "startsAt": "2026-10-12T09:51:03.157076+02:00",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana.example/alerting/1afz29v7z/edit",
        "fingerprint": "c6eadffa33fcdf37",
        "silenceURL": "https://grafana.example/alerting/silence/new",
        "dashboardURL": "https://grafana.example/d/abc",
        "panelURL": "https://grafana.example/d/abc?viewPanel=1",
        "values": {"B": 44.23943737541908, "C": 1},
    }
    return {
        "receiver": "aftercare",
        "status": status,
        "orgId": 1,
        "alerts": [alert],
        "version": "1",
        "title": "[FIRING]",
    }


def nightingale(recovered: bool = False, **more: Any) -> dict[str, Any]:
    """An event of Nightingale 6."""
    return {
        "id": 201,
        "cate": "prometheus",
        "group_name": "直播后端",
        "hash": "9b1bb7f5c8a5e8d43bc0fa5f2c1e1a40",
        "rule_id": 7,
        "rule_name": "推流节点 CPU 高",
        "rule_note": "持续 5 分钟超过 90%",
        "severity": 1,
        "prom_ql": "cpu_usage_active > 90",
        "target_ident": "edge-sh-01",
        "trigger_time": 1764500000,
        "trigger_value": "97.2",
        "tags": ["ident=edge-sh-01", "region=sh"],
        "annotations": {},
        "is_recovered": recovered,
        "notify_cur_number": 1,
        **more,
    }


def zabbix(value: str = "1", **more: str) -> dict[str, str]:
    """What our media type posts for a problem."""
    return {
        "eventid": "4711",
        "value": value,
        "update": "0",
        "severity": "4",
        "name": "Disk is full",
        "host": "edge-sh-01",
        "opdata": "98 %",
        "tags": '[{"tag":"scope","value":"capacity"}]',
        "link": "https://zabbix.example/tr_events.php?triggerid=1&eventid=4711",
        "message": "Problem started at 03:00:00",
        **more,
    }


def aliyun(state: str = "ALERT", **more: str) -> dict[str, str]:
    """The callback of a threshold rule."""
    return {
        "alertName": "基础监控-ECS-内存使用率",
        "alertState": state,
        "curValue": "97.39",
        "dimensions": "{userId=12****, instanceId=i-12****}",
        "expression": "$Average>=95",
        "instanceName": "edge-sh-01",
        "metricName": "Host.mem.usedutilization",
        "metricProject": "acs_ecs",
        "namespace": "acs_ecs",
        "preTriggerLevel": "null",
        "ruleId": "applyTemplateee147e59-664f-4033-a1be-e9595746****",
        "signature": "eEq1zHuCUp0XSmLD8p8VtTKF****",
        "timestamp": "1508136760",
        "triggerLevel": "CRITICAL",
        "userId": "12****",
        **more,
    }


def tencent(status: str = "1", session: str = "ECkYDW5CbFIIPabdCq4y7w3t") -> dict[str, Any]:
    """The callback of a metric alarm."""
    where = {
        "deviceName": "edge-sh-01",
        "objId": "dc2df8c0-e7a8",
        "objName": "172.19.0.34#3552563",
        "unInstanceId": "ins-4ap7",
    }
    asked = {"metricName": "disk_usage", "metricShowName": "磁盘利用率", "calcType": ">", "calcValue": "95"}
    asked |= {"calcUnit": "%", "currentValue": "96.739", "unit": "%", "period": "60", "periodNum": "5"}
    return {
        "sessionId": session,
        "alarmStatus": status,
        "alarmType": "metric",
        "alarmObjInfo": {"region": "gz", "namespace": "qce/cvm", "dimensions": where},
        "alarmPolicyInfo": {
            "policyId": "policy-9dz6qbwy",
            "policyType": "cvm_device",
            "policyName": "节点磁盘",
            "policyTypeCName": "云服务器-基础监控",
            "conditions": asked,
        },
        "firstOccurTime": "2026-05-05 04:37:00",
        "durationTime": 500,
        "recoverTime": "0",
    }


def own(state: str = "down", *, ident: str = "a", **more: Any) -> dict[str, Any]:
    """Somebody's own JSON, as MAPPING reads it."""
    event = {"id": ident, "level": "bad", "state": state, "what": {"name": f"Queue {ident} stands", "text": "12 min"}}
    return {"events": [{**event, "url": "https://own.example/a", "tags": {"zone": "sh"}, **more}]}


@dataclass
class Sender:
    """A monitoring system with the address of its source."""

    source: AlertSource
    secret: str

    def post(self, payload: Any, **more: Any) -> Any:
        """Send a payload: JSON, or bytes as they are."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        more.setdefault("content_type", "application/json")
        return Client().post(f"/alerts/in/{self.secret}", body, **more)


def sender(world: World, kind: str, place: App | Customer | None = None, *, own: bool = False, **facts: Any) -> Sender:
    """A source of Starlight Live, of another place, or of the provider's own systems."""
    if kind == "json":
        facts = {"mapping": MAPPING, "severities": {"bad": "red"}, **facts}
    wanted = SourceFacts(facts.pop("name", f"Our {kind}"), **facts)
    where = None if own else place or world.show_app
    made = create_source(kind=kind, place=where, facts=wanted, actor=world.ada, now=world.now)
    return Sender(made.source, made.secret)
