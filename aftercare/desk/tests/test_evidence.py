"""What was measured, as the ticket shows it."""

from django.utils import translation
from django.utils.html import escape

from aftercare.desk.actions import attach_evidence
from aftercare.desk.evidence import shown, shown_volume
from aftercare.desk.models import Ticket
from aftercare.telemetry.schema.catalog import METRICS
from tests.world import World

EVIDENCE = {
    "state": "ready",
    "metric": "stall_rate",
    "alert_ref": "a1",
    "severity": "red",
    "opened_at": "2026-03-01T13:00:00+00:00",
    "value": 7.9,
    "worst_value": 11.2,
    "volume": 1_200_000,
    "threshold": 5.0,
    "definition": {
        "name": "Stall rate", "name_zh": "卡顿率", "unit": "%", "formula": "stall time / time present",
        "source": "Mux", "volume_name": "ms present",
    },
    "series": [[1772368800000, 1.0, 100.0], [1772368810000, None, 0], [1772368820000, 7.9, 300.0]],
    "sessions": [{"session": "s-<b>1", "region": "CN Guangdong", "carrier": "CMCC", "stall_ms": 12_300}],
}  # fmt: skip


def test_it_works(world: World, ticket: Ticket) -> None:
    attach_evidence(ticket_id=ticket.pk, evidence=EVIDENCE, now=world.now)
    page = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "7.9% (limit 5%), at worst 11.2%" in page
    assert "stall time / time present" in page
    assert "20 min present" in page
    assert '"values": [1.0, null, 7.9]' in page
    assert "s-&lt;b&gt;1" in page
    assert "12.3" in page
    assert "every 5s" not in page.split('id="evidence"')[1].split(">")[0]


def test_pending_evidence_asks_again(world: World, ticket: Ticket) -> None:
    attach_evidence(
        ticket_id=ticket.pk, evidence={**EVIDENCE, "state": "pending", "series": [], "sessions": []}, now=world.now
    )
    part = world.client("zhao").get(f"/tickets/{ticket.ref}/evidence").content.decode()
    assert "being gathered" in part
    assert 'hx-trigger="every 5s"' in part


def test_unavailable_evidence_says_so(world: World, ticket: Ticket) -> None:
    attach_evidence(
        ticket_id=ticket.pk, evidence={**EVIDENCE, "state": "unavailable", "series": [], "sessions": []}, now=world.now
    )
    assert "could not be read" in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()


def test_handles_broken_evidence(world: World, ticket: Ticket) -> None:
    attach_evidence(ticket_id=ticket.pk, evidence={"metric": "x"}, now=world.now)
    assert world.client("zhao").get(f"/tickets/{ticket.ref}").status_code == 200


@translation.override("en")
def test_numbers_are_short_and_unknown_is_not_zero() -> None:
    assert shown(7.9, "%") == "7.9%"
    assert shown(5.0, "%") == "5%"
    assert shown(0.0, "%") == "0%"
    assert shown(0.042, "%") == "0.042%"
    assert shown(1240.4, "ms") == "1,240 ms"
    assert shown(12, "count") == "12"
    assert shown(None, "%") == "unknown"
    assert shown_volume(412, "attempts") == "412 attempts"
    assert shown_volume(None, "attempts") == ""


def test_the_definition_is_told_in_the_readers_language(world: World, ticket: Ticket) -> None:
    world.zhao.language = "zh-hans"
    world.zhao.save()
    client = world.client("zhao")
    for metric in METRICS.values():
        names = ("name", "name_zh", "unit", "formula", "source", "volume_name")
        definition = {name: getattr(metric, name) for name in names}
        evidence = {**EVIDENCE, "metric": metric.key, "definition": definition}
        attach_evidence(ticket_id=ticket.pk, evidence=evidence, now=world.now)
        page = client.get(f"/tickets/{ticket.ref}/evidence").content.decode()
        assert metric.name_zh in page
        assert escape(metric.formula) not in page, metric.key
        assert f" {metric.volume_name} " not in page, metric.key
    attach_evidence(ticket_id=ticket.pk, evidence=EVIDENCE | {"definition": {}}, now=world.now)
    assert client.get(f"/tickets/{ticket.ref}").status_code == 200
