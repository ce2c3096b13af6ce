"""A made-up November of which every figure is known by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aftercare.desk import actions as desk
from aftercare.desk.models import Complaint
from aftercare.incidents.figures.queries import figures
from aftercare.incidents.figures.types import Counted, Wanted
from aftercare.incidents.models import HeldBack, Incident, IncidentAlert, IncidentCustomer, Update
from aftercare.incidents.noise.actions import make_silence
from aftercare.incidents.noise.matching import Match
from aftercare.incidents.tests.scene import open_alert
from aftercare.oncall.models import Page, PageNotice
from tests.world import World

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PERIOD = "since=2026-11-01&until=2026-11-30"


def happened(world: World, day: int, *, customers: Any = None, taken: int | None = None, **more: Any) -> Incident:
    """A red one that began at noon UTC of this day in November; `taken` and `lasted` in minutes."""
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    lasted, mitigated = more.pop("lasted", None), more.pop("mitigated", None)
    row = Incident.objects.create(
        title=f"Incident of the {day}.",
        severity=more.pop("severity", "red"),
        status="resolved" if lasted is not None else "open" if taken is None else "acknowledged",
        opened_at=at,
        acknowledged_at=at + taken * MINUTE if taken is not None else None,
        resolved_at=at + lasted * MINUTE if lasted is not None else None,
        end_reason=more.pop("end_reason", "recovered" if lasted is not None else ""),
        mitigated_at=at + mitigated * MINUTE if mitigated is not None else None,
        **more,
    )
    for customer in [world.show] if customers is None else customers:
        IncidentCustomer.objects.create(incident=row, customer=customer)
    return row


def updated(world: World, incident: Incident, minutes: int) -> None:
    Update.objects.create(
        incident=incident,
        number=incident.updates.count() + 1,
        stage="identified",
        body="x",
        body_zh="x",
        author=world.eng,
        at=incident.opened_at + minutes * MINUTE,
        token=str(minutes),
    )


def complain(world: World, at: datetime, app: Any = None) -> None:
    app = app or world.show_app
    facts = {"customer": app.customer, "app": app, "way": "api", "received_at": at}
    Complaint.objects.create(external_id=str(Complaint.objects.count()), at=at, **facts)


def spoke(world: World, incident: Incident, minutes: int) -> None:
    """The customer opens a ticket that belongs to the incident, so many minutes after it began."""
    desk.open_ticket(
        customer_id=world.show.pk,
        app_id=None,
        title="Users complain",
        severity="P2",
        body="It stalls.",
        opened_by=world.zhao,
        incident_ref=incident.ref,
        now=incident.opened_at + minutes * MINUTE,
    )


def counted(world: World, **narrowed: Any) -> dict[str, Counted]:
    return figures(Wanted(START, END, **narrowed), END)


def titles(figure: Counted) -> list[str]:
    return [row.title.removeprefix("Incident of the ").rstrip(".") for row in figure.rows]


def test_how_long_things_took(world: World) -> None:
    """Taken after 2, 4 and 12 minutes: mean 6, median 4, 90 % within 10.4. Over after 30, 60 and 3."""
    happened(world, 2, taken=2, lasted=30, mitigated=10)
    happened(world, 3, taken=4, lasted=60)
    happened(world, 4, taken=12)
    happened(world, 5, lasted=3)
    happened(world, 6)
    happened(world, 7, taken=6, lasted=90, end_reason="unseen", severity="warning")
    found = counted(world, severity="red")
    mtta = found["mtta"]
    assert (mtta.value, mtta.median, mtta.n) == (360, 240, 3) and mtta.p90 == pytest.approx(624)
    assert mtta.beside == ["1 was over before anybody had it", "1 still waits for somebody"]
    assert titles(mtta) == ["6", "5", "4", "3", "2"], "the worst first"
    assert (found["mttr"].value, found["mttr"].n, titles(found["mttr"])) == (31 * 60, 3, ["3", "2", "5"])
    assert (found["mitigation"].value, found["mitigation"].n) == (600, 1)
    assert found["mitigation"].beside == ["2 ended with no such note"]
    assert (found["short"].value, titles(found["short"])) == (20, ["5"])
    every = counted(world)["mttr"]
    assert (every.n, every.beside) == (3, ["1 ended without anybody seeing it recover"]), "on paper only"


def test_nothing_is_not_zero(world: World) -> None:
    for figure in counted(world).values():
        assert (figure.value, figure.n, list(figure.rows)) == (None, 0, []), figure.key
    page = world.client("eng").get(f"/incident-figures?{PERIOD}").content.decode()
    assert "0 s" not in page and "0 %" not in page


def test_when_customers_were_first_told(world: World) -> None:
    """After 10 and 20 minutes; one never, one not yet; the one of nobody is not asked for."""
    for day, minutes in ((2, 10), (3, 20)):
        one = happened(world, day, taken=1, lasted=60)
        updated(world, one, minutes)
        updated(world, one, minutes + 5)
    happened(world, 4, lasted=60)
    happened(world, 5)
    happened(world, 6, customers=[])
    told = counted(world)["first_update"]
    assert (told.value, told.n, titles(told)) == (900, 2, ["4", "5", "3", "2"])
    assert told.beside == ["1 was over with nobody told", "1 goes on with nobody told yet"]


def test_who_knew_first(world: World) -> None:
    """Of five: one silent, two whose customer spoke after 10 and 30 minutes, two whose customer spoke before."""
    happened(world, 2, lasted=60)
    spoke(world, happened(world, 3, lasted=60), 10)
    complain(world, happened(world, 4, lasted=60).opened_at + 30 * MINUTE)
    complain(world, happened(world, 5, lasted=60).opened_at - 29 * MINUTE)
    spoke(world, happened(world, 6, lasted=60, declared_by=world.eng), -5)
    happened(world, 7, lasted=60, customers=[])
    found = counted(world)
    assert (found["proactive"].value, found["proactive"].n) == (60, 5)
    assert found["proactive"].beside == ["nobody spoke of 1"]
    assert titles(found["proactive"])[:2] == ["5", "6"]
    assert (found["lead"].value, found["lead"].n, titles(found["lead"])) == (1200, 2, ["3", "4"])


def test_what_is_no_voice_about_it(world: World) -> None:
    """Complaints long before, after the end, of another customer's app; thanks when it was over."""
    one = happened(world, 2, lasted=60)
    for minutes in (-31, 61):
        complain(world, one.opened_at + minutes * MINUTE)
    complain(world, one.opened_at - MINUTE, world.social_app)
    spoke(world, one, 90)
    found = counted(world)
    assert (found["proactive"].value, found["lead"].value) == (100, None)


def test_a_complaint_of_an_app_that_no_alert_names_is_about_something_else(world: World) -> None:
    one = happened(world, 2, lasted=60)
    alert = open_alert(world, at=one.opened_at, told=False)
    IncidentAlert.objects.create(incident=one, alert=alert, joined_at=one.opened_at)
    other = type(world.show_app).objects.create(
        customer=world.show, name="Other", scenario="show_live", created_at=world.now
    )
    complain(world, one.opened_at - MINUTE, other)
    assert counted(world)["proactive"].value == 100
    complain(world, one.opened_at - MINUTE)
    assert counted(world)["proactive"].value == 0


def paged(world: World, at: datetime, *firings: Any, taken: int | None = None, by: Any = None, **more: Any) -> Page:
    """A page whose steps woke these people five minutes apart; each by message and by the console."""
    page = Page.objects.create(
        subject_ref=f"s-{Page.objects.count()}",
        severity="red",
        title="x",
        url_path="/",
        opened_at=at,
        firings=len(firings),
        acknowledged_at=at + taken * MINUTE if taken is not None else None,
        acknowledged_by=by,
        **more,
    )
    for number, user in enumerate(firings, 1):
        for channel in ("sms", "voice", "push"):
            when = at + 5 * (number - 1) * MINUTE
            PageNotice.objects.create(page=page, user=user, channel=channel, firing=number, at=when)
    return page


def test_whether_the_first_people_answer(world: World) -> None:
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    paged(world, noon, world.eng, taken=2, by=world.eng)
    paged(world, noon, world.eng, world.ada, taken=7, by=world.ada)
    paged(world, noon, world.eng, world.ada, taken=8, by=world.eng)
    paged(world, noon, world.eng, taken=1, by=world.eng)
    paged(world, noon, world.eng, state="closed")
    duty = counted(world)["duty"]
    assert (duty.value, duty.n, len(duty.rows)) == (50, 4, 5)
    assert duty.beside[0] == "1 was over, or waits, before it went on" and "test calls" in duty.beside[1]
    assert [row.is_bad for row in duty.rows] == [True, True, False, False, False]


def test_nights_are_the_persons_own_over_a_change_of_clocks(world: World) -> None:
    """New York's clocks went back on 1 November 2026 at 06:00 UTC: 05:30 and 06:30 UTC were both 01:30 there."""
    world.eng.timezone, world.ada.timezone = "America/New_York", "Asia/Shanghai"
    world.eng.save()
    world.ada.save()
    for hour, minute in ((5, 30), (6, 30), (10, 59), (11, 0)):  # 01:30, 01:30 again, 05:59, 06:00
        paged(world, datetime(2026, 11, 1, hour, minute, tzinfo=UTC), world.eng)
    paged(world, datetime(2026, 11, 10, 14, 0, tzinfo=UTC), world.ada)  # 22:00
    found = counted(world)
    weekly, nightly = found["weekly"], found["nightly"]
    assert (weekly.n, nightly.n) == (5, 4), "the console's push and a second way are no second page"
    assert weekly.value == pytest.approx(5 / 2 / (30 / 7)) and nightly.value == pytest.approx(4 / 2 / 30)
    assert [(row.title, row.value, row.word) for row in weekly.rows] == [
        ("Lin, week from 2026-10-26", 4, "3 by night"),
        ("Ada, week from 2026-11-09", 1, "1 by night"),
    ]


def test_alerts_that_joined(world: World) -> None:
    one = happened(world, 2, lasted=60)
    for minutes in (0, 3, 9, 12):
        alert = open_alert(world, at=one.opened_at, told=False)
        IncidentAlert.objects.create(incident=one, alert=alert, joined_at=one.opened_at + minutes * MINUTE)
    joined = counted(world)["joined"]
    assert (joined.value, joined.n, [row.value for row in joined.rows]) == (75, 4, [3])
    assert (counted(world)["held_back"].value, counted(world)["held_back"].n) == (0, 4)


def test_alerts_held_back(world: World) -> None:
    one = happened(world, 2, lasted=60)
    called, waited, over, other = (open_alert(world, at=one.opened_at, told=False, metric=f"m{n}") for n in range(4))
    silence = make_silence(
        reason="Encoder swap",
        match=Match(app=world.show_app.ref),
        holds_red=True,
        starts_at=None,
        ends_at=world.now + 60 * MINUTE,
        actor=world.ada,
        now=world.now,
    )
    at = one.opened_at
    for alert, held_at in ((waited, at), (over, at), (other, at - timedelta(days=40))):
        facts = {"reason": "silence", "silence": silence, "held_at": held_at, "released_at": held_at + 9 * MINUTE}
        HeldBack.objects.create(alert=alert, outcome="over" if alert == over else "joined", **facts)
    for alert in (called, waited, other):
        IncidentAlert.objects.create(incident=one, alert=alert, joined_at=at)
    held = counted(world)["held_back"]
    assert (held.n, held.value) == (3, pytest.approx(200 / 3)), "each once; one that waited in another month is there"
    assert [(row.value, row.word.rpartition(" · ")[2]) for row in held.rows] == [
        (540, "over before anybody was called"),
        (540, "went on to an incident"),
    ]
    assert counted(world, customer=world.social)["held_back"].value is None


def test_narrowed_to_a_customer_and_against_the_period_before(world: World) -> None:
    happened(world, 2, taken=2)
    happened(world, 20, taken=6, customers=[world.social])
    assert counted(world, customer=world.social)["mtta"].value == 360
    path = "/incident-figures?since=2026-11-16&until=2026-11-30&figure=mtta"
    page = world.client("eng").get(path).content.decode()
    assert "6 min" in page and "2 min" in page, "now, and before"
    assert "Incident of the 20." in page and "Incident of the 2." not in page


def test_a_fixed_number_of_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for day in range(1, 29):
        one = happened(world, day, taken=1, lasted=9, customers=[world.show, world.social])
        paged(world, one.opened_at, world.eng, world.ada, taken=7, by=world.ada)
    with django_assert_max_num_queries(40):
        assert counted(world)["mtta"].n == 28


def test_the_rows_as_a_file(world: World) -> None:
    one = happened(world, 2, taken=2)
    Incident.objects.filter(pk=one.pk).update(title="=cmd()")
    answer = world.client("eng").get(f"/incident-figures/rows.csv?{PERIOD}&figure=mtta")
    head, line = answer.content.decode().lstrip("\ufeff").splitlines()
    assert head == "what,link,about,from,until,value,unit,note"
    assert f"/incidents/{one.ref},Starlight Show,2026-11-02T12:00:00Z,2026-11-02T12:02:00Z,120,s," in line
    assert not line.startswith("=")
    assert world.client("eng").get("/incident-figures/rows.csv?figure=none").status_code == 404
    assert world.client("eng").get("/incident-figures/rows.csv?figure=mtta&since=x").status_code == 400


def test_days_are_the_readers(world: World) -> None:
    """23:30 UTC of the 30th is the 1st of December in Shanghai."""
    one = happened(world, 30, taken=2)
    Incident.objects.filter(pk=one.pk).update(opened_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    for zone, is_in in (("UTC", True), ("Asia/Shanghai", False)):
        world.eng.timezone = zone
        world.eng.save()
        page = world.client("eng").get(f"/incident-figures?{PERIOD}&figure=mtta").content.decode()
        assert ("Incident of the 30." in page) is is_in, zone


@pytest.mark.parametrize("path", ["/incident-figures", "/incident-figures/rows.csv?figure=mtta"])
def test_customers_find_nothing(world: World, path: str) -> None:
    for name in ("zhao", "developer", "viewer", "stranger"):
        assert world.client(name).get(path).status_code == 404
    for name in ("ada", "eng", "agent"):
        assert world.client(name).get(path).status_code == 200


@pytest.mark.parametrize(
    "asked",
    ["since=2026-11-02", "since=2026-11-02&until=2026-11-01", "since=2020-01-01&until=2026-01-01", "since=x&until=y"],
)
def test_a_period_that_is_none_is_refused_in_one_sentence(world: World, asked: str) -> None:
    answer = world.client("eng").get(f"/incident-figures?{asked}")
    assert answer.status_code == 400 and "notice" in answer.content.decode()


def test_what_is_not_there_breaks_nothing(world: World) -> None:
    for asked in (
        "figure=none",
        "customer=%00",
        "days=%00",
        "days=8&severity=x&customer=nobody",
        "figure=mtta&page=99",
    ):
        assert world.client("eng").get(f"/incident-figures?{asked}").status_code in (200, 400), asked
