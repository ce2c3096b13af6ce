"""Maintenance stands on the public status page only where somebody put it there, in words for everybody; whoever
subscribed hears of it, and that it was moved, postponed or cancelled, each once.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from aftercare.incidents.changes.announcing import cancel_change, move_window, postpone_change
from aftercare.incidents.changes.running import end_change, start_change
from aftercare.incidents.models import Change, StatusComponent, StatusPage, Subscription
from aftercare.incidents.status import engine, keeping
from aftercare.incidents.status.addresses import folder_of
from aftercare.incidents.tests.changing import DAY, HOUR, TEXTS, announced, begun, draft, make_edge
from aftercare.notify.models import Delivery
from tests.world import World

WORDS = {"title": "Network maintenance", "title_zh": "网络维护", "body": "A short reconnect.", "body_zh": "短暂重连。"}


@pytest.fixture
def pages(world: World, tmp_path: Any, settings: Any) -> World:
    """The public page, Starlight's own, and somebody who hears of the public one in English."""
    settings.STATUS_DIR = tmp_path
    facts = keeping.PublicFacts("Provider", "服务商", "Asia/Shanghai")
    public = keeping.save_public(facts=facts, actor=world.ada, now=world.now) or StatusPage.objects.get(customer=None)
    keeping.open_private(customer=world.show, actor=world.ada, now=world.now)
    Subscription.objects.create(
        page=public,
        edition=public.edition,
        way="email",
        address="reader@elsewhere.example",
        language="en",
        asked_at=world.now,
        confirmed_at=world.now,
    )
    make_edge(world)
    engine.process_due(world.now)
    return world


def put_up(world: World, change: Change, name: str = "eng", **more: str) -> Any:
    """Somebody shows the change to everybody."""
    return world.client(name).post(f"/changes/{change.ref}/public", {**WORDS, **more})


def told(world: World) -> list[str]:
    """What subscribers heard, in order."""
    engine.process_due(world.now + timedelta(minutes=1))
    return list(
        Delivery.objects.filter(address="reader@elsewhere.example").order_by("pk").values_list("title", flat=True)
    )


def files(world: World, customer: Any = None, at: datetime | None = None) -> str:
    """All files of a page, as the web server gives them a minute later, or after `at`."""
    engine.process_due((at or world.now) + timedelta(minutes=20 if at else 1))
    folder = folder_of(StatusPage.objects.get(customer=customer))
    return "\n".join(path.read_text() for path in sorted(folder.iterdir()))


def standing(world: World, customer: Any = None, at: datetime | None = None) -> dict[str, Any]:
    """The page as programs read it."""
    files(world, customer, at)
    found: dict[str, Any] = json.loads(
        (folder_of(StatusPage.objects.get(customer=customer)) / "status.json").read_text()
    )
    return found


def states(world: World, customer: Any = None, at: datetime | None = None) -> list[str]:
    """How the maintenance is that stands on a page."""
    return [one["state"] for one in standing(world, customer, at)["maintenance"]]


def test_it_stands_there_in_words_for_everybody(pages: World) -> None:
    change = announced(pages)
    assert TEXTS.title not in files(pages) and TEXTS.title in files(pages, pages.show)
    assert put_up(pages, change).status_code == 302
    public, own = files(pages), files(pages, pages.show)
    assert "Network maintenance" in public and "网络维护" in public and "A short reconnect." in public
    for inside in (TEXTS.title, TEXTS.title_zh, TEXTS.plan, TEXTS.rollback, "Starlight", "sh-edge-3"):
        assert inside not in public, inside
    assert TEXTS.title in own and "Network maintenance" not in own, "their page says it in its own words"
    assert f"urn:aftercare:maintenance:{change.ref}:1" in public
    folder = folder_of(StatusPage.objects.get(customer=None))
    [window] = json.loads((folder / "status.json").read_text())["maintenance"]
    assert (window["ref"], window["title"]) == (change.ref, "Network maintenance")
    assert told(pages) == ["Maintenance: Network maintenance: announced"]
    put_up(pages, change, title="Network maintenance in Shanghai")
    assert "in Shanghai" in files(pages) and len(told(pages)) == 1, "other words are no news"


def test_moved_postponed_cancelled_each_is_told_once(pages: World) -> None:
    change = announced(pages)
    put_up(pages, change)
    change = Change.objects.get()
    window = {"starts_at": change.starts_at + DAY, "ends_at": change.ends_at + DAY}
    move_window(change=change, actor=pages.eng, now=pages.now, **window)
    assert f"urn:aftercare:maintenance:{change.ref}:2" in files(pages)
    postpone_change(change=change, reason="Rain", actor=pages.eng, now=pages.now)
    assert states(pages) == ["postponed"] and "postponed, without a new time yet" in files(pages)
    for _twice in range(2):
        cancel_change(change=change, reason="Never", actor=pages.eng, now=pages.now + HOUR)
    public = files(pages, at=pages.now + HOUR)
    assert states(pages) == ["cancelled"] and f"urn:aftercare:maintenance:{change.ref}:2:cancelled" in public
    assert "Rain" not in public and "Never" not in public
    assert states(pages, at=pages.now + 4 * DAY) == []
    named = "Maintenance: Network maintenance: "
    words = ("announced", "moved to another time", "postponed, without a new time yet", "cancelled")
    assert told(pages) == [f"{named}{word}" for word in words]
    assert "Rain" not in str(list(Delivery.objects.values_list("body", flat=True))), "why is between us and customers"


def test_it_is_shown_before_during_and_a_while_after(pages: World) -> None:
    change = begun(announced(pages), pages.now)
    put_up(pages, change)
    assert states(pages) == ["announced"]
    start_change(change=change, decision="They sleep.", actor=pages.eng, now=pages.now)
    public = files(pages)
    assert states(pages) == states(pages, pages.show) == ["running"] and "in progress" in public and "进行中" in public
    assert f"urn:aftercare:maintenance:{change.ref}:1:running" in public
    late = change.ends_at + 2 * HOUR
    assert states(pages, at=late) == ["running"], "it takes longer than was announced, and is not over"
    end_change(change=change, rolled_back=True, reason="It broke", actor=pages.eng, now=late)
    public = files(pages, at=late)
    assert states(pages, at=late) == states(pages, pages.show, at=late) == ["done"] and "It broke" not in public
    assert told(pages)[-1] == "Maintenance: Network maintenance: over", "whether it worked is not everybody's"
    assert states(pages, at=late + 4 * DAY) == []


def test_what_is_over_makes_nothing_maintained(pages: World) -> None:
    keeping.add_component(facts=keeping.ComponentFacts("Console", "控制台"), actor=pages.ada, now=pages.now)
    [console] = StatusComponent.objects.all()
    keeping.say_state(component=console, state="degraded", actor=pages.ada, now=pages.now)
    change = begun(announced(pages), pages.now)
    put_up(pages, change)
    start_change(change=change, decision="They sleep.", actor=pages.eng, now=pages.now)
    assert standing(pages)["components"][0]["state"] == "maintenance"
    end_change(change=change, actor=pages.eng, now=pages.now)
    assert standing(pages)["components"][0]["state"] == "degraded"


def test_a_window_that_nobody_began_is_not_called_over(pages: World) -> None:
    change = begun(announced(pages), pages.now)
    put_up(pages, change)
    assert states(pages, at=change.ends_at) == []


def test_it_is_taken_off_again_and_nobody_is_told(pages: World) -> None:
    change = announced(pages)
    put_up(pages, change)
    assert told(pages)
    for _again in range(2):
        assert pages.client("eng").post(f"/changes/{change.ref}/public", {"off": "1"}).status_code == 302
    assert "Network maintenance" not in files(pages) and len(told(pages)) == 1


def test_what_cannot_stand_there(pages: World) -> None:
    change = draft(pages)
    answer = put_up(pages, change)
    assert answer.status_code == 409 and "Only what is announced" in answer.content.decode()
    change = announced(pages)
    assert "Say in both languages" in put_up(pages, change, title_zh=" ").content.decode()
    assert "longer than 2000" in put_up(pages, change, body="x" * 2001).content.decode()
    keeping.close_page(page=StatusPage.objects.get(customer=None), actor=pages.ada, now=pages.now)
    assert "There is no public status page" in put_up(pages, change).content.decode()
    for name in ("zhao", "stranger"):
        assert put_up(pages, change, name).status_code in (403, 404)
    assert Client().post(f"/changes/{change.ref}/public", WORDS).status_code == 302
    assert not Change.objects.filter(public_maintenance__isnull=False).exists()


def test_words_are_words(pages: World) -> None:
    put_up(pages, announced(pages), title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")
    public = files(pages)
    assert "<script>" not in public.replace('"<script>alert(1)</script>"', "") and "<img" not in public.replace(
        '"<img src=x onerror=alert(1)>"', ""
    )
