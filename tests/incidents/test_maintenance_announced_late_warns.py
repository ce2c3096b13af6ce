"""A maintenance window announced late warns while it is drafted, is refused without a reason, and stays marked."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from aftercare.incidents import engine
from aftercare.incidents.models import Change
from aftercare.incidents.tests.changing import TEXTS, make_edge
from aftercare.kernel.clock import utc_now
from tests.world import World


def test_from_the_form_to_the_mark(world: World) -> None:
    edge = make_edge(world)
    client = world.client("eng")
    at = utc_now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(hours=5)
    form = {
        **{"kind": "maintenance", "title": TEXTS.title, "plan": TEXTS.plan, "rollback": TEXTS.rollback},
        **{"risk": "medium", "timezone": "Asia/Shanghai", "resources": edge.ref, "token": "a" * 32},
        **{"local_from": f"{at:%Y-%m-%dT%H:%M}", "local_until": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M}"},
        **{"notice_days": ["7", "3", "1"], "expects_alerts": "on"},
    }
    typing = client.get("/changes/affected", form).content.decode()
    assert "would be announced late" in typing and "Starlight Show" in typing
    kept = client.post("/changes/new", form)
    assert kept.status_code == 302
    change = Change.objects.get()
    page = client.get(f"/changes/{change.ref}").content.decode()
    assert "promised 72 hours of notice, and this comes later" in page
    for nothing in ({}, {"late_reason": "  "}):
        assert client.post(f"/changes/{change.ref}/announcement", nothing).status_code == 409
    change.refresh_from_db()
    assert change.state == "draft"
    assert client.post(f"/changes/{change.ref}/announcement", {"late_reason": "A disk fails."}).status_code == 302
    page = client.get(f"/changes/{change.ref}").content.decode()
    assert "4 h 59 min before; promised 72 h" in page and "A disk fails." in page
    assert "announced late" in client.get("/changes").content.decode()
    engine.process_due(utc_now())
    assert change.customers.get().notices.filter(told_at__isnull=False, is_folded=False).count() == 1, (
        "one word, not three"
    )
