"""The usual peak, the board and the summary, out of real telemetry."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aftercare.incidents.assurance import board
from aftercare.incidents.assurance.engine import measure_due, summarise_due, switch_due
from aftercare.incidents.assurance.log import write_decision
from aftercare.incidents.models import Assurance
from aftercare.incidents.tests.gala import DAY, HOUR, MINUTE, make_gala, with_rules
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.telemetry.tests.made import crowd
from tests.world import World


@pytest.fixture
def night(world: World, telemetry: Any, monkeypatch: pytest.MonkeyPatch) -> Assurance:
    """A gala of two customers' apps that runs for half an hour; the pages stand in its 30th minute.

    A week before twelve watched at once at most, in its first minutes forty, eight of them stalled badly.
    """
    start = (world.now - 30 * MINUTE).replace(second=0, microsecond=0)
    before = start - 7 * DAY
    telemetry.add(crowd(world.show_app, before, 12, prefix="usual"))
    gala = make_gala(
        world, starts_at=start, now=before + HOUR, apps=[world.show_app, world.social_app], expected_concurrent=60
    )
    with_rules(world, gala)
    telemetry.add(crowd(world.show_app, start + 27 * MINUTE, 40, prefix="gala", seconds=120, stall_ms=4000))
    for name in ("views", "deeds"):
        monkeypatch.setattr(f"aftercare.incidents.assurance.{name}.utc_now", lambda: start + 28 * MINUTE + 10 * SECOND)
    return gala


SECOND = timedelta(seconds=1)


def test_the_usual_peak_is_the_highest_minute_of_30_days(world: World, night: Assurance) -> None:
    assert measure_due(night.starts_at - HOUR) == 1
    night.refresh_from_db()
    assert night.usual["concurrent"] == pytest.approx(12, abs=1.1)
    assert night.usual["mbps"] > 0
    assert datetime.fromisoformat(night.usual["concurrent_at"]) >= night.starts_at - 7 * DAY - MINUTE
    page = world.client("eng").get(night.path).content.decode()
    assert "times the usual peak" in page and "measured over 30 days" in page


def test_without_reports_the_usual_peak_is_unknown(world: World, telemetry: Any) -> None:
    gala = make_gala(world)
    measure_due(world.now)
    gala.refresh_from_db()
    assert gala.usual["concurrent"] is None
    assert "the usual peak is unknown" in world.client("eng").get(gala.path).content.decode()
    assert gala.measure_at == world.now + DAY


def test_a_telemetry_that_does_not_answer_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_asked: Any, **_how: Any) -> Any:
        raise ConnectionError("down")

    monkeypatch.setattr("aftercare.incidents.assurance.measuring.peak_of", broken)
    gala = make_gala(world)
    measure_due(world.now)
    gala.refresh_from_db()
    assert (gala.usual, gala.measure_at) == ({}, world.now + MINUTE)


def test_the_board_tells_the_minute(world: World, night: Assurance) -> None:
    switch_due(night.starts_at)
    alert = open_alert(world, at=night.starts_at + 20 * MINUTE)
    write_decision(assurance=night, text="Bitrate down", actor=world.eng, now=night.starts_at + 21 * MINUTE)
    told = board.measured(world.eng, night, night.starts_at + 28 * MINUTE + 10 * SECOND)
    assert told.present == pytest.approx(40, abs=4)
    show = next(one for one in told.apps if one.app == world.show_app)
    rebuffering = next(row for row in show.rows if row.metric.key == "rebuffering_ratio")
    assert rebuffering.last.verdict == "breached"
    assert rebuffering.minutes[0].verdict == "unknown"
    silent = next(one for one in told.apps if one.app == world.social_app)
    assert set(silent.present) == {None}
    page = world.client("eng").get(f"{night.path}/board").content.decode()
    for words in ("% of the expected", "Bitrate down", "Starlight Live", "unknown, not zero", "hx-get"):
        assert words in page, words
    assert alert.ref in page
    assert "hx-get" not in world.client("eng").get(f"{night.path}/board/live").content.decode()


def test_a_telemetry_outage_is_unknown_not_zero(
    world: World, night: Assurance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_asked: Any, **_how: Any) -> Any:
        raise ConnectionError("down")

    monkeypatch.setattr("aftercare.incidents.assurance.board.minutes_of", broken)
    page = world.client("eng").get(f"{night.path}/board").content.decode()
    assert "Telemetry does not answer" in page and "no data" in page


def test_of_two_customers_each_sees_its_own(world: World, night: Assurance) -> None:
    switch_due(night.starts_at)
    open_alert(world, at=night.starts_at + 20 * MINUTE)
    page = world.client("stranger").get(f"{night.path}/board").content.decode()
    assert "Whisper" in page
    for words in ("Starlight", "星光", "of the expected", "7.9", "Lin"):
        assert words not in page, words


def closed(gala: Assurance) -> Assurance:
    """The gala, over and summed up."""
    switch_due(gala.ends_at)
    assert summarise_due(gala.ends_at + MINUTE) == 0
    assert summarise_due(gala.ends_at + 5 * MINUTE) == 1
    gala.refresh_from_db()
    return gala


def test_the_summary_is_kept_and_published(world: World, night: Assurance) -> None:
    switch_due(night.starts_at)
    alert = open_alert(world, at=night.starts_at + 20 * MINUTE)
    close_alert(alert, at=night.starts_at + 25 * MINUTE)
    write_decision(
        assurance=night, text="Bitrate down", for_customers=True, actor=world.eng, now=night.starts_at + 21 * MINUTE
    )
    write_decision(assurance=night, text="Our secret", actor=world.eng, now=night.starts_at + 22 * MINUTE)
    gala = closed(night)
    assert gala.summary["peak"]["concurrent"] == pytest.approx(40, abs=4)
    metrics = {one["key"]: one for one in gala.summary["apps"][0]["metrics"]}
    assert metrics["rebuffering_ratio"]["verdict"] in ("healthy", "breached")
    silent = {rule.facts["metric"] for rule in gala.rules.all()} - {"rebuffering_ratio", "start_success"}
    assert {metrics[key]["verdict"] for key in silent} == {"unknown"}, "a rule is about them and nothing came"
    client, zhao = world.client("eng"), world.client("zhao")
    page = client.get(f"{gala.path}/summary").content.decode()
    for words in ("Peak at once", "Rebuffering", "Bitrate down", "Our secret", "Starlight Live", "Whisper"):
        assert words in page, words
    assert zhao.get(f"{gala.path}/summary").status_code == 404
    assert client.post(f"{gala.path}/lessons", {"text": "Begin *earlier* #next"}).status_code == 302
    assert client.post(f"{gala.path}/publication", {"published": "1"}).status_code == 302
    page = zhao.get(f"{gala.path}/summary").content.decode()
    assert "Bitrate down" in page and "Begin *earlier* #next" in page and "Starlight Live" in page
    for words in ("Our secret", "Whisper", "<textarea"):
        assert words not in page, words
    page = world.client("stranger").get(f"{gala.path}/summary").content.decode()
    assert "Whisper" in page and "Starlight" not in page
    assert client.post(f"{gala.path}/publication", {"published": "0"}).status_code == 302
    assert zhao.get(f"{gala.path}/summary").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_summary_is_a_pdf(world: World, night: Assurance, language: str) -> None:
    switch_due(night.starts_at)
    night.keep = "#panic() *not* markup\n下次提前预热"
    night.save()
    gala = closed(night)
    client = world.client("eng")
    world.eng.language = language
    world.eng.save()
    answer = client.get(f"{gala.path}/summary.pdf")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf" and gala.ref in answer["Content-Disposition"]
    for who in ("zhao", "stranger"):
        assert world.client(who).get(f"{gala.path}/summary.pdf").status_code == 404


def test_a_summary_that_is_not_measured_is_not_published(world: World, night: Assurance) -> None:
    switch_due(night.starts_at)
    switch_due(night.ends_at)
    client = world.client("eng")
    assert "being measured" in client.get(f"{night.path}/summary").content.decode()
    assert client.post(f"{night.path}/publication", {"published": "1"}).status_code == 409
    assert client.get(f"{night.path}/summary.pdf").status_code == 200


def test_nothing_is_closed_before_the_end(world: World, night: Assurance) -> None:
    assert world.client("eng").post(f"{night.path}/lessons", {"text": "x"}).status_code == 409
